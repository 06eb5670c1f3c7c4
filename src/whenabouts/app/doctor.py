"""`whenabouts doctor`: tries every part once and says what is missing and how to add it."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import typer

from whenabouts.app.options import JsonOption, LibraryOption
from whenabouts.app.preferences import library_path, preferences
from whenabouts.app.screen import Exit, err, out, plain, print_json, say
from whenabouts.errors import MissingPartError, WhenaboutsError

State = Literal["ok", "missing", "broken"]

MIN_FREE_GB = 1.0
"""Less free disk than this is worth a warning: an index of a large folder may not fit."""
PACKAGES = ("av", "lancedb", "numpy", "onnxruntime", "rapidocr", "tokenizers", "torch")
"""Whose versions matter in a report of a fault."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was tried, how it went, and what to do."""

    name: str
    state: State
    detail: str
    hint: str = ""
    """How to add what is missing; empty when nothing is to be done."""
    needed: bool = True
    """Whether index and search need it."""


def doctor(library: LibraryOption = None, json: JsonOption = False) -> None:
    """Try every part of the program once; say what is missing and how to add it.

    Ends with exit code 1 when a part is broken that index and search need.
    """
    found = list(checks(library_path(library)))
    if json:
        print_json("doctor", {"checks": [asdict(check) for check in found]})
    else:
        _tell(found)
    if any(check.needed and check.state != "ok" for check in found):
        raise typer.Exit(Exit.NO)


def checks(library: Path) -> Iterator[Check]:
    """Every check, in the order in which an index run needs the parts."""
    yield Check("program", "ok", _versions())
    with tempfile.TemporaryDirectory(prefix="whenabouts-doctor-") as name:
        scratch = Path(name)
        yield _try("decoder", lambda: _decoder(scratch))
        yield _try("encoder", _encoder)
        yield _try("store", lambda: _store(scratch))
        yield _try("on-screen text", _screen_text)
    yield _try("speech", _speech, needed=False)
    yield _try("recommended encoder", _recommended, needed=False)
    yield _try("training and conversion", _training, needed=False)
    yield _try("player", _player, needed=False)
    yield _disk(library)
    yield _try("library", lambda: _library(library), needed=False)


def _try(name: str, work: Callable[[], str], *, needed: bool = True) -> Check:
    """Do it, and turn what happens into a check."""
    start = time.perf_counter()
    with err().status(f"trying {name}") if err().is_terminal else nullcontext():
        try:
            detail = work()
        except MissingPartError as error:
            what, _, hint = str(error).partition("; ")
            return Check(name, "missing", what, hint, needed)
        except WhenaboutsError as error:
            return Check(name, "broken", str(error), "", needed)
        except Exception as error:  # noqa: BLE001 - a broken part must not stop the other checks
            hint = "pip install --force-reinstall whenabouts"
            return Check(name, "broken", f"{type(error).__name__}: {error}", hint, needed)
    took_s = time.perf_counter() - start
    return Check(name, "ok", f"{detail} ({took_s:.1f} s)" if took_s > 0.2 else detail, "", needed)


def _versions() -> str:
    """Versions of the program, Python, the system and the packages that matter."""
    from whenabouts import __version__

    parts = [f"whenabouts {__version__}", f"Python {platform.python_version()}"]
    parts.append(f"{platform.system()} {platform.machine()}")
    for name in PACKAGES:
        try:
            parts.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            parts.append(f"{name} absent")
    return ", ".join(parts)


def _decoder(scratch: Path) -> str:
    """Write a second of video and read it back."""
    import numpy as np

    from whenabouts.media.codecs import decoders
    from whenabouts.media.decode import read_frames
    from whenabouts.media.probe import probe
    from whenabouts.media.write import write_video

    path = scratch / "second.mp4"
    grey = np.linspace(0, 255, 10)
    write_video(path, (np.full((64, 96, 3), level, np.uint8) for level in grey), 10.0)
    video = probe(path).video(path, "doctor")
    levels = [float(f.mean()) for frames in read_frames(video) for f in frames.pixels]
    if len(levels) != 10 or sorted(levels) != levels:
        raise WhenaboutsError(f"a drawn clip of 10 frames came back as {len(levels)}: {levels}")
    return f"reads back what it wrote; codecs: {', '.join(decoders())}"


def _encoder() -> str:
    """Encode a picture and a text with the encoder that a new library gets."""
    import numpy as np

    from whenabouts.library.encoders import open_encoder

    encoder = open_encoder(preferences().encoder)
    side = encoder.input_px
    pictures = encoder.encode_frames(np.zeros((1, side, side, 3), np.uint8))
    words = encoder.encode_text("a red circle")
    if pictures.vectors.shape[1] != words.vectors.shape[1]:
        raise WhenaboutsError("pictures and words have vectors of different width")
    return f"{encoder.name}, width {encoder.width}, {_device()}"


def _device() -> str:
    from whenabouts.models.onnx import usable_cores

    cores = usable_cores()
    return f"on {cores} core{'s' if cores > 1 else ''} of the processor"


def _store(scratch: Path) -> str:
    """Store a vector and find it again."""
    import numpy as np

    from whenabouts.store.rows import EncoderMark, FrameRows, Indexed, VideoRow
    from whenabouts.store.store import Store

    vectors = np.eye(4, 8, dtype=np.float32)
    times_s = np.arange(4.0)
    rows = FrameRows(vectors, np.zeros(4, np.float32), times_s, times_s + 1)
    with Store(scratch / "doctor.lib", "w", encoder=EncoderMark("doctor", "0", 8)) as store:
        store.put([Indexed(VideoRow("doctor", "/doctor.mp4", 1, 1), rows, (), ())])
        (hits,) = store.near(vectors[2:3], 1)
    if [hit.time_s for hit in hits] != [2.0]:
        raise WhenaboutsError(f"a stored vector was not found again: {hits}")
    return "stores and finds"


def _screen_text() -> str:
    """Read a drawn word."""
    import numpy as np
    from PIL import Image, ImageDraw

    from whenabouts.catalog import part
    from whenabouts.types import Frames, Video

    picture = Image.new("RGB", (320, 96), "white")
    ImageDraw.Draw(picture).text((20, 24), "HELLO 42", fill="black", font_size=48)
    video = Video("doctor", Path("doctor.png"), 1.0, 1.0, 320, 96)
    frames = Frames(video, np.asarray(picture)[None], np.zeros(1))
    read = [text for _, text, _ in part("text_reader", "screen")().read(video, [frames])]
    if not any("HELLO" in text for text in read):
        raise WhenaboutsError(f"the drawn words HELLO 42 were read as {read}")
    return "reads a drawn word"


def _speech() -> str:
    from whenabouts.catalog import part

    part("text_reader", "speech")()
    return "ready"


def _recommended() -> str:
    from whenabouts.weights import hub

    hub.find(hub.RECOMMENDED)
    return hub.RECOMMENDED


def _training() -> str:
    """Whether the packages of the extra are there; not imported, that takes seconds."""
    missing = [name for name in ("torch", "transformers", "onnx") if find_spec(name) is None]
    if missing:
        raise MissingPartError(
            f"not installed: {', '.join(missing)}; pip install 'whenabouts[torch]'"
        )
    return f"torch {metadata.version('torch')}"


def _player() -> str:
    from whenabouts.app.player import command

    return command(Path("x.mp4"), 0.0, preferences().player)[0] if sys.platform != "win32" else "ok"


def _disk(library: Path) -> Check:
    """Free space where the library is or would be."""
    place = library.absolute()
    while not place.exists():
        place = place.parent
    try:
        free_gb = shutil.disk_usage(place).free / 1e9
    except OSError as error:
        return Check("disk", "broken", f"{place}: {error.strerror}", "name another --library")
    detail = f"{free_gb:.1f} GB free at {place}"
    if free_gb < MIN_FREE_GB:
        return Check("disk", "broken", detail, "make room, or name another --library")
    return Check("disk", "ok", detail)


def _library(path: Path) -> str:
    from whenabouts.library.library import open_library

    if not path.exists():
        return f"none yet at {path}; whenabouts index makes one"
    with open_library(path, create=False) as opened:
        found = opened.status()
    return f"{path}: {found.info.videos} files, encoder {found.info.encoder.name}"


def _tell(found: list[Check]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    styles = {"ok": "green", "missing": "yellow", "broken": "red"}
    for check in found:
        text = Text(plain(check.detail))
        if check.hint:
            text.append(f"\n→ {plain(check.hint)}", style="cyan")
        table.add_row(Text(check.state, style=styles[check.state]), check.name, text)
    out().print(table)
    broken = [check.name for check in found if check.needed and check.state != "ok"]
    missing = [check.name for check in found if not check.needed and check.state != "ok"]
    if broken:
        say(f"index and search will not work: {', '.join(broken)}", style="bold red")
    else:
        text = f"; without: {', '.join(missing)}" if missing else ""
        say(f"index and search will work{text}", style="bold")
