"""Which frames IVCR's model looks at, and what it is told of their times."""

from random import Random

import pytest

from whenabouts.models.dialogue_text import current_round
from whenabouts.models.frame_texts import sentences_of
from whenabouts.models.frame_times import printed_times, video_sentence
from whenabouts.models.positions import even_positions

pytestmark = pytest.mark.golden("ivcr/frames_and_timestamps*")
_CUT, _KEPT = 12, 3


def test_frames(case):
    for row in case.facts["rows"]:
        count, most, way = row["n_video_frames"], row["n_frms"], row["sampling"]
        mine = even_positions(count, most, way, Random(row["seed"]))
        if way == "uniform" or all(
            b - a > 1 for a, b in zip(borders(count, most), borders(count, most)[1:], strict=False)
        ):
            assert mine == row["indices"], row
        else:
            # The published code draws these with another library.
            assert len(mine) == len(row["indices"])
            assert mine == sorted(set(mine))


def borders(count, most):
    parts = min(count, most)
    return [int(count * i / parts) for i in range(parts + 1)]


def test_sentences(case):
    for row in case.facts["rows"]:
        times = printed_times(index / row["fps"] for index in row["indices"])
        message = video_sentence(times).rstrip()
        assert message == row["message"] + "."
        assert current_round("", number=1, times=times).shown.endswith(f" {message}")
        mine = list(sentences_of(times, slip=True))
        assert len(mine) == row["n_timestamp_texts"]
        if len(mine) > _CUT:
            mine = mine[:_KEPT] + mine[-_KEPT:]
        assert mine == row["timestamp_texts"]
