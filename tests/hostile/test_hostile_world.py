"""What happens around a run: files that vanish, grow or are locked, a full disk, absurd queries."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from colour_encoder import ColourEncoder
from hostile_clips import clip
from hostile_corpus import good

from whenabouts import open_library
from whenabouts.errors import InputError, MissingPartError
from whenabouts.library.events import Event, Report
from whenabouts.library.library import Library
from whenabouts.library.settings import IndexSettings
from whenabouts.protocols import Sampling
from whenabouts.types import Span

SETTINGS = IndexSettings(passes=("keyframes", "frames"))


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(3):
        clip(folder / f"{number}.mp4", seconds=1 + number, size=(64, 48 + 2 * number))
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_library(tmp_path / "my.lib", ColourEncoder())


def status_of(library: Library) -> dict[str, str]:
    return {Path(row.path).name: row.status for row in library.videos()}


def at(kind: str, stage: str, act: Callable[[], object]) -> Callable[[Event], None]:
    """A listener that acts once, at the first event of a kind."""
    done: list[Event] = []

    def listen(event: Event) -> None:
        if (event.kind, event.stage) == (kind, stage) and not done:
            done.append(event)
            act()

    return listen


def reasons(report: Report, name: str) -> list[str]:
    return [f.reason for f in [*report.failed, *report.partial] if f.path.name == name]


@pytest.mark.parametrize("moment", [("found", "walk"), ("stage", "look"), ("stage", "keyframes")])
def test_file_that_vanishes_is_told_and_the_rest_goes_on(moment, videos: Path, library: Library):
    report = library.add(videos, settings=SETTINGS, on_event=at(*moment, (videos / "1.mp4").unlink))
    assert len(reasons(report, "1.mp4")) == 1
    states = status_of(library)
    assert (states["0.mp4"], states["2.mp4"]) == ("ok", "ok")
    assert states.get("1.mp4") in (None, "failed", "missing")


def test_file_that_vanishes_before_the_full_pass_keeps_its_key_frames(videos, library):
    report = library.add(
        videos, settings=SETTINGS, on_event=at("stage", "frames", (videos / "1.mp4").unlink)
    )
    assert len(reasons(report, "1.mp4")) == 1
    row = next(row for row in library.videos() if row.path.endswith("1.mp4"))
    assert row.passes[0] == "keyframes" and "frames" not in row.passes
    assert len(library._store().frames([row.id])[row.id])
    assert library.add(videos, settings=SETTINGS).missing == 1
    assert status_of(library)["1.mp4"] == "missing"


def test_file_swapped_for_a_pipe_does_not_hang(videos: Path, library: Library):
    def swap() -> None:
        (videos / "1.mp4").unlink()
        os.mkfifo(videos / "1.mp4")

    began = time.monotonic()
    report = library.add(videos, settings=SETTINGS, on_event=at("found", "walk", swap))
    assert time.monotonic() - began < 30
    assert "regular" in reasons(report, "1.mp4")[0]


def test_file_still_being_written_is_taken_up_when_it_is_whole(videos: Path, library: Library):
    whole = good(faststart=True, noisy=True)
    growing = videos / "growing.mp4"
    growing.write_bytes(whole[: len(whole) // 2])
    first = library.add(videos, settings=SETTINGS)
    assert first.failed == [] or reasons(first, "growing.mp4")
    half = next(row for row in library.videos() if row.path.endswith("growing.mp4"))
    growing.write_bytes(whole)
    library.add(videos, settings=SETTINGS)
    rows = [row for row in library.videos() if row.path.endswith("growing.mp4")]
    assert len(rows) == 1 and rows[0].status == "ok" and rows[0].id != half.id
    assert rows[0].duration_s == pytest.approx(3.0, abs=0.1)


def test_file_that_grows_during_the_run_is_looked_at_again(videos: Path, library: Library):
    whole = good(faststart=True, noisy=True)
    growing = videos / "0growing.mp4"
    growing.write_bytes(whole[: len(whole) // 2])
    grow = at("stage", "frames", lambda: growing.write_bytes(whole))
    library.add(videos, settings=SETTINGS, on_event=grow)
    library.add(videos, settings=SETTINGS)
    row = next(row for row in library.videos() if row.path.endswith("0growing.mp4"))
    assert row.status == "ok" and row.size == len(whole)


def test_slow_file_is_cut_off_at_the_limit_and_the_next_is_done(videos, library, monkeypatch):
    from whenabouts.media import reader, source, start  # noqa: F401 - what is slowed down

    clip(videos / "slow.mp4", seconds=3, gop=100)
    real = source.decode_packet

    def slow(stream, packet):
        time.sleep(0.5 if stream.container.name.endswith("slow.mp4") else 0)
        return real(stream, packet)

    for module in (m for n, m in sys.modules.items() if n.startswith("whenabouts.media.")):
        if getattr(module, "decode_packet", None) is real:
            monkeypatch.setattr(module, "decode_packet", slow)
    limit = SETTINGS.model_copy(update={"file_limit_s": 3.0})
    report = library.add(videos / "slow.mp4", videos / "0.mp4", settings=limit)
    assert any("limit" in reason for reason in reasons(report, "slow.mp4"))
    assert status_of(library) == {"slow.mp4": "partial", "0.mp4": "ok"}


def test_error_in_the_encoder_stops_with_its_reason_and_keeps_the_library(videos, tmp_path):
    class Breaking(ColourEncoder):
        def encode_frames(self, pixels):
            raise MemoryError("no room for the batch")

    kept = open_library(tmp_path / "my.lib", ColourEncoder())
    kept.add(videos / "0.mp4", settings=SETTINGS)
    breaking = open_library(tmp_path / "my.lib", Breaking())
    with pytest.raises(MemoryError, match="no room"):
        breaking.add(videos, settings=SETTINGS)
    again = open_library(tmp_path / "my.lib", ColourEncoder())
    assert status_of(again)["0.mp4"] == "ok"
    assert again.add(videos, settings=SETTINGS).ok
    assert set(status_of(again).values()) == {"ok"}


@pytest.fixture
def nobody() -> Iterator[int]:
    """Another user's id in effect, where we may take it: root reads whatever the rights say."""
    if os.geteuid() != 0:
        yield os.geteuid()
        return
    try:
        os.seteuid(65534)
    except OSError as error:
        pytest.skip(f"cannot become another user here: {error}")
    try:
        yield 65534
    finally:
        os.seteuid(0)


def test_unreadable_file_and_folder_are_told_and_not_taken_for_deleted(request):
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o755)
        (folder / "videos" / "closed").mkdir(parents=True)
        (folder / "libs").mkdir()
        (folder / "libs").chmod(0o777)
        data = good()
        for name in ("open.mp4", "secret.mp4", "closed/inside.mp4"):
            (folder / "videos" / name).write_bytes(data + name.encode())
        library = open_library(folder / "libs" / "my.lib", ColourEncoder())
        assert library.add(folder / "videos", settings=SETTINGS).ok
        _give_away(folder / "libs")
        (folder / "videos" / "secret.mp4").write_bytes(data + b"changed")
        (folder / "videos" / "secret.mp4").chmod(0)
        (folder / "videos" / "closed").chmod(0)
        request.getfixturevalue("nobody")
        library = open_library(folder / "libs" / "my.lib", ColourEncoder())
        report = library.add(folder / "videos", settings=SETTINGS)
        states = status_of(library)
        if os.geteuid() == 65534:
            os.seteuid(0)
    assert "ermission denied" in reasons(report, "secret.mp4")[0]
    assert "ermission denied" in reasons(report, "closed")[0]
    assert report.missing == 0
    assert states["inside.mp4"] == "ok" and states["open.mp4"] == "ok"


def _give_away(folder: Path) -> None:
    """Let the other user write to the library."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


def test_full_disk_is_told_and_loses_nothing_committed(tmp_path: Path):
    """The library lies on a file system of 3 MB; a private mount name space needs no clean-up."""
    script = Path(__file__).with_name("fill_disk.py")
    videos, disk = tmp_path / "videos", tmp_path / "disk"
    videos.mkdir()
    disk.mkdir()
    for number in range(3):
        clip(videos / f"{number}.mp4", seconds=1 + number)
    command = f'mount -t tmpfs -o size=3m none "{disk}" && exec "$0" "$@"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command, sys.executable, str(script), str(videos), str(disk)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    if "mount:" in done.stderr or "unshare:" in done.stderr or "not permitted" in done.stderr:
        pytest.skip(f"cannot mount a small file system here: {done.stderr.strip()[:120]}")
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert "TOLD" in lines and "space" in lines["TOLD"], done.stdout
    assert "('0.mp4', 'ok')" in lines["KEPT"]
    assert lines["AFTER"].startswith("2 new"), done.stdout


@pytest.mark.parametrize(
    "query",
    ["", "   \n\t", "x" * 100_000, "\x00\x01\x02\xff", "\ud800", "a\x00b", "?!", "\u202e\u200b"],
    ids=["empty", "blank", "100 kB", "binary", "surrogate", "nul", "marks", "invisible"],
)
def test_absurd_query_is_refused_politely(query: str, videos: Path, library: Library):
    library.add(videos, settings=SETTINGS)
    with pytest.raises(InputError) as told:
        library.search(query)
    assert len(str(told.value)) < 500 and str(told.value).isprintable()


@pytest.mark.parametrize(
    "query", ["'; DROP TABLE frames; --", 'x" OR 1=1', "100%_\\", "a AND NOT (b", "🎬", "cat*"]
)
def test_query_like_code_is_only_text(query: str, videos: Path, library: Library):
    library.add(videos, settings=SETTINGS)
    library.search(query)
    assert len(library.videos()) == 3


def test_absurd_picture_query_is_refused_politely(videos: Path, library: Library, tmp_path: Path):
    library.add(videos, settings=SETTINGS)
    (tmp_path / "words.png").write_text("no picture")
    for what in (tmp_path / "words.png", tmp_path / "nothing.png", tmp_path):
        with pytest.raises((InputError, Exception)) as told:
            library.like(what)
        assert type(told.value).__module__ == "whenabouts.errors", repr(told.value)
    with pytest.raises(InputError):
        library.like(np.zeros((0, 0, 3), np.uint8))


class SlowReader:
    """A text reader that is slow, and tells its texts at the end, as the real one does."""

    channel = "screen"
    sampling = Sampling(1.0)
    input_px = 32

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s

    def read(self, video, frames):
        found = []
        for chunk in frames:
            time.sleep(self.wait_s)
            found += [(Span(float(t), float(t) + 1), f"at {t:.0f}", "") for t in chunk.times_s]
        yield from found


def test_slow_text_reader_is_cut_off_and_what_it_read_is_kept(tmp_path, library, monkeypatch):
    clip(tmp_path / "long.mp4", seconds=40, fps=4)
    monkeypatch.setattr("whenabouts.library.reading.SLOWEST", 0.0)
    settings = IndexSettings(passes=("keyframes", "screen"), file_limit_s=1.0)
    report = library.add(tmp_path / "long.mp4", settings=settings, readers=[SlowReader(0.6)])
    assert "limit" in reasons(report, "long.mp4")[0]
    texts = [t for t in library.texts(library.video("long.mp4")) if t.channel == "screen"]
    assert 8 <= len(texts) < 40
    assert [t.text for t in texts][:2] == ["at 0", "at 1"]


def test_reader_whose_parts_are_missing_stops_its_pass_and_stays_due(videos, library):
    class Missing(SlowReader):
        def read(self, video, frames):
            raise MissingPartError("no weights; fetch them with a command")
            yield

    passes = IndexSettings(passes=("keyframes", "frames", "screen"))
    report = library.add(videos, settings=passes, readers=[Missing(0)])
    assert report.ok and report.partial == []
    assert report.notes == ["no weights; fetch them with a command"]
    again = library.add(videos, settings=passes, readers=[SlowReader(0)])
    assert again.notes == []
    assert all("screen" in row.passes and row.status == "ok" for row in library.videos())
