"""Every file of the corpus through probe and decoder: an answer or a reason, in bounded time."""

import re
import time
from pathlib import Path

import numpy as np
import pytest
from hostile_clips import clip
from hostile_corpus import CASES, Case, write_prey

from whenabouts.errors import MediaError
from whenabouts.media.decode import Damage, read_frames
from whenabouts.media.probe import content_id, probe

LIMIT_S = 20.0
"""No file of the corpus may take longer on a busy machine; most take a few milliseconds."""
MOST_FRAMES = 400


def looked_at(path: Path) -> tuple[float, list[float], bool]:
    """Duration told, times of the frames read at 1 Hz, and whether damage is told."""
    info = probe(path)
    video = info.video(path, content_id(path))
    damage = Damage()
    times: list[float] = []
    if info.kind != "audio":
        for frames in read_frames(video, rate_hz=1.0, short_side_px=32, damage=damage):
            assert frames.pixels.nbytes <= 64 << 20
            times += frames.times_s.tolist()
            assert len(times) <= MOST_FRAMES
    return info.duration_s, times, bool(damage or info.notes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.name)[1:40])
def test_file_is_read_or_refused_with_a_reason(case: Case, tmp_path: Path):
    write_prey(tmp_path)
    path = tmp_path / case.name
    case.make(path)
    began = time.monotonic()
    try:
        duration_s, times, told = looked_at(path)
    except MediaError as error:
        assert "refused" in case.outcomes, error
        assert re.search(case.words, str(error), re.IGNORECASE), error
        assert len(str(error)) < 1000 and str(error).isprintable(), ascii(str(error))
    else:
        assert set(case.outcomes) & {"ok", "partial"}, f"{case.about} was read: {times}"
        if case.outcomes == ("partial",):
            assert told, "what is missing was not told"
        if case.outcomes == ("ok",):
            assert not told
        assert times == sorted(times) and np.all(np.isfinite(times))
        assert all(0 <= t <= max(duration_s, 0.1) + 1e-6 for t in times), (duration_s, times)
        if case.seconds:
            assert case.seconds[0] <= duration_s <= case.seconds[1]
    assert time.monotonic() - began < LIMIT_S


def test_corpus_is_as_large_as_promised():
    assert len({case.name for case in CASES}) == len(CASES) >= 40


def test_slow_taker_of_frames_does_not_use_up_the_time_of_the_file(tmp_path: Path):
    clip(tmp_path / "good.mp4", seconds=3)
    video = probe(tmp_path / "good.mp4").video(tmp_path / "good.mp4", "id")
    damage = Damage()
    count = 0
    for _ in read_frames(video, rate_hz=1.0, chunk=1, deadline_s=2.0, damage=damage):
        time.sleep(1.1)
        count += 1
    assert (count, damage.stopped) == (3, "")
