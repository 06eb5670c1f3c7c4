"""What every grounder of the catalog must do."""

import numpy as np
import pytest

from whenabouts import catalog
from whenabouts.errors import MissingPartError
from whenabouts.protocols import Grounder, Salient
from whenabouts.systems.clip_tokens import tiny
from whenabouts.types import Encoding, Video

pytestmark = pytest.mark.parametrize("name", sorted(catalog.PARTS["grounder"]))


@pytest.fixture(scope="module")
def query():
    return tiny().encode_text("a red circle moves left")


@pytest.fixture
def grounder(name):
    try:
        return catalog.part("grounder", name)()
    except MissingPartError as error:
        pytest.skip(str(error))


def seen(frames: int, width: int, step_s: float = 0.5) -> Encoding:
    """Random frames."""
    vectors = np.random.default_rng(frames).standard_normal((frames, width), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = np.full(frames, 1 / max(1, frames), np.float32)
    return Encoding(vectors, weights, np.arange(frames) * step_s)


def video(duration_s: float) -> Video:
    from pathlib import Path

    return Video("x", Path("x.mp4"), duration_s, 25.0, 64, 64)


@pytest.mark.parametrize("frames", [1, 3, 90, 900])
def test_moments_lie_in_the_video_best_first(grounder, query, frames):
    assert isinstance(grounder, Grounder)
    film = video(frames * 0.5)
    found = grounder.locate(query, film, seen(frames, query.vectors.shape[1]))
    assert found
    scores = [moment.score for moment in found]
    assert scores == sorted(scores, reverse=True)
    for moment in found:
        assert moment.video == film
        assert 0 <= moment.span.start_s < moment.span.end_s <= film.duration_s + 1e-6
        assert moment.evidence
        assert all(
            moment.span.start_s - 0.5 <= e.time_s <= moment.span.end_s for e in moment.evidence
        )


def test_without_frames_there_is_nothing(grounder, query):
    assert grounder.locate(query, video(4.0), seen(0, query.vectors.shape[1])) == []


def test_the_same_answer_each_time(grounder, query):
    frames, film = seen(60, query.vectors.shape[1]), video(30.0)
    first = [moment.span for moment in grounder.locate(query, film, frames)]
    assert first == [moment.span for moment in grounder.locate(query, film, frames)]


def test_saliency_is_told_for_the_whole_video(grounder, query):
    if not isinstance(grounder, Salient):
        pytest.skip("it has learnt no saliency")
    curve = grounder.saliency(query, video(45.0), seen(90, query.vectors.shape[1]))
    assert len(curve.times_s) == len(curve.scores) == 90
    assert curve.times_s[0] == 0
