"""A library behind a server answers as the library itself does."""

import numpy as np
import pytest
from serving import listening, make_library

from whenabouts import connect
from whenabouts.errors import InputError, MissingPartError, StoreError
from whenabouts.library.filters import Filters
from whenabouts.library.settings import SearchSettings
from whenabouts.protocols import Watcher
from whenabouts.types import Span

UNSURE = SearchSettings(floor=0.0)
TOKEN = "for-this-test"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The library, and the same one over the wire."""
    with (
        make_library(tmp_path_factory.mktemp("remote")) as library,
        listening(library, token=TOKEN) as url,
        connect(url, TOKEN) as remote,
    ):
        yield library, remote


def _shown(moments):
    return [moment.to_json(picture=True) for moment in moments]


def test_searching_says_the_same(both):
    library, remote = both
    found = remote.search("red", settings=UNSURE)
    assert _shown(found) == _shown(library.search("red", settings=UNSURE))
    assert found[0].picture.startswith(b"\xff\xd8")
    nothing = remote.search("zzz", limit=3)
    assert (nothing, nothing.reason) == ([], library.search("zzz", limit=3).reason)
    only = Filters(name="sea*")
    assert _shown(remote.search("blue", filters=only)) == _shown(
        library.search("blue", filters=only)
    )


def test_likeness_says_the_same(both):
    library, remote = both
    best = library.search("red", settings=UNSURE)[0]
    assert _shown(remote.like(best, settings=UNSURE)) == _shown(library.like(best, settings=UNSURE))
    pixels = np.full((40, 60, 3), (40, 60, 220), np.uint8)
    assert _shown(remote.like(pixels)) == _shown(library.like(pixels))


def test_looking_at_it_says_the_same(both):
    library, remote = both
    assert [(r.id, r.path) for r in remote.videos()] == [(r.id, r.path) for r in library.videos()]
    sea = remote.video("sea.mp4")
    assert sea == library.video("sea.mp4")
    assert remote.texts(sea) == library.texts(sea)
    assert remote.pictures(sea) == library.pictures(sea)
    part = Span(6, 7)
    assert remote.pictures(sea, part) == library.pictures(sea, part)
    assert remote.folders() == library.folders()
    one, other = remote.status(), library.status()
    assert (one.kinds, one.length_s, one.due) == (dict(other.kinds), other.length_s, other.due)
    assert [m.span for m in remote.locate("yellow", "sunset.mp4")] == [
        m.span for m in library.locate("yellow", "sunset.mp4")
    ]


def test_watching_says_the_same(both):
    from whenabouts.library.watchers import open_watcher

    library, remote = both
    watcher, own = remote.watcher(), open_watcher("", library)
    assert isinstance(watcher, Watcher)
    video = library.video("sunset.mp4")
    one, other = watcher.ground(video, "yellow"), own.ground(video, "yellow")
    assert [m.span for m in one.turn.moments] == [m.span for m in other.turn.moments]
    assert one.notes == other.notes
    assert watcher.highlights(video).curve.times_s == own.highlights(video).curve.times_s
    with pytest.raises(MissingPartError, match="language model"):
        watcher.tell(video, "What is it?")


SCRIPT = """
found = lib.search("red", settings=UNSURE)
print(found, found.reason)
print(*lib.like(found[0], settings=UNSURE))
video = lib.video("sunset.mp4")
print(video, *lib.locate("yellow", video), len(lib.pictures(video)), lib.texts(video))
talk = lib.chat()
for text in ("find red", "how long is the first one?", "播放第一个"):
    turn = talk.say(text, on_text=lambda grown: None)
    print(turn.role, turn.act, turn.text, *turn.moments)
print([turn.text for turn in talk.turns], dict(lib.status().kinds))
"""


def test_a_script_runs_unchanged(both, capsys):
    shown = []
    for lib in both:
        exec(SCRIPT, {"lib": lib, "UNSURE": UNSURE})
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert "sunset.mp4" in shown[0]


def test_errors_come_as_what_they_are(both):
    _, remote = both
    with pytest.raises(InputError, match="no video of this library"):
        remote.video("nothing.mp4")
    with pytest.raises(InputError, match="does not take the settings near"):
        remote.search("red", settings=SearchSettings(near=5))
    with pytest.raises(InputError, match="token"):
        connect(remote._wire.url, "wrong")
    with pytest.raises(StoreError, match="no server answers"):
        connect("http://127.0.0.1:1")
    with pytest.raises(InputError, match="is no address"):
        connect("ftp://x")
