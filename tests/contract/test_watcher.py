"""What every watcher of the catalog must do."""

import numpy as np
import pytest

from whenabouts import catalog
from whenabouts.errors import InputError, MissingPartError
from whenabouts.library.watchers import open_video
from whenabouts.media.write import write_video
from whenabouts.protocols import Told, Watcher

pytestmark = pytest.mark.parametrize("name", sorted(catalog.PARTS["watcher"]))


@pytest.fixture
def watcher(name):
    if name != "frames":
        pytest.importorskip("torch", reason="a video LLM needs the extra torch")
    return catalog.part("watcher", name)()


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("watched") / "film.mp4"
    frames = (np.full((64, 64, 3), 20 * number, np.uint8) for number in range(12))
    write_video(path, frames, 2)
    return open_video(path)


def test_it_is_one(watcher):
    assert isinstance(watcher, Watcher)
    assert watcher.name


def test_moments_lie_in_the_video(watcher, video):
    for told in (watcher.ground(video, "a red circle"), watcher.highlights(video, "红色")):
        assert isinstance(told, Told)
        assert told.turn.role == "assistant"
        for moment in told.turn.moments:
            assert moment.video == video
            assert 0 <= moment.span.start_s < moment.span.end_s <= video.duration_s + 1e-6


def test_saliency_is_told_clip_by_clip(watcher, video):
    curve = watcher.highlights(video).curve
    assert curve is not None
    assert curve.times_s == (0.0, 2.0, 4.0)


def test_what_it_cannot_do_it_refuses_with_the_next_step(watcher, video):
    for ask in (watcher.captions, lambda one: watcher.tell(one, "what is it?")):
        try:
            assert isinstance(ask(video), Told)
        except MissingPartError as error:
            assert "pip install" in str(error)


def test_an_empty_query_is_refused(watcher, video):
    with pytest.raises(InputError, match="empty"):
        watcher.ground(video, " ")
