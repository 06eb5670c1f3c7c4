"""Multiple-choice benchmarks: which frames, which question."""

import pytest

from whenabouts.models.choice_prompts import mvbench
from whenabouts.models.frame_times import printed_times, video_sentence
from whenabouts.models.positions import segment_positions


@pytest.mark.golden("timechat/benchmark_parsing*")
def test_frames_at_the_centres_of_segments(case):
    for row in case.facts["mvbench_frames"]:
        bound = tuple(row["bound"]) if row["bound"] else None
        chosen = segment_positions(
            row["num_segments"], row["fps"], row["max_frame"], row["first_idx"], bound
        )
        assert chosen == row["indices"]
        times = printed_times(place / row["fps"] for place in chosen)
        assert video_sentence(times) == row["message"]


@pytest.mark.golden("timechat/benchmark_parsing*")
def test_questions_with_their_options(case):
    for row in case.facts["mvbench_question"]:
        data = row["data"]
        found = mvbench(data["question"], data["candidates"], data["answer"])
        assert found == (row["question"], row["answer"])
