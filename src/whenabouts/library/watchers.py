"""Which watcher answers: a video language model where there is one, else vectors of frames."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.catalog import PARTS, part
from whenabouts.errors import WeightsError
from whenabouts.library.encoders import open_encoder
from whenabouts.library.frame_watcher import FrameWatcher
from whenabouts.library.library import Library
from whenabouts.library.walk import walk
from whenabouts.media.probe import content_id, probe
from whenabouts.protocols import Encoder, Grounder, Reader, Watcher
from whenabouts.types import Video
from whenabouts.weights.hub import precision_of, shipped_folder
from whenabouts.weights.moment_folder import is_moments
from whenabouts.weights.video_llm_files import kept_folder

if TYPE_CHECKING:
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.weights.video_llm_folder import Precision

BY_FRAMES = "frames"
"""Works without the extra `torch`."""
IN_WORDS = "tiny-vtgllm"
"""Answers in words when nobody else is named."""
OF_OPTIONS = "tiny-sevila"
"""Chooses among options when nobody else is named."""
VISUAL_TOKENS = "visual_tokens"
"""Folder inside a library."""
_SHAPES_ONLY = (
    "{} knows drawn shapes only, and of these when better than what: its words are often wrong; "
    "name a larger video LLM with --model"
)
_COLOURS_ONLY = (
    "tiny-sevila knows drawn shapes only: which colour something has, and what is behind it; name "
    "a larger SeViLA or video LLM with --model"
)


def by_frames(encoder: Encoder | str | Path | None = None) -> FrameWatcher:
    """The watcher `frames`, as the catalog opens it."""
    return FrameWatcher(open_encoder(encoder))


def by_grounder(model: str, library: Library | None = None) -> FrameWatcher:
    """Vectors of frames, and a grounder of the catalog or the folder of a Moment-DETR.

    A learned one reads the vectors of one encoder: those of `library` where it has that, else
    frames are encoded again.

    Raises:
        WeightsError: the encoder that it was trained on is another one by now.
    """
    place = Path(model).expanduser()
    if model not in PARTS["grounder"]:
        from whenabouts.systems.moment_detr import MomentGrounder

        grounder: Grounder = MomentGrounder(place)
    else:
        grounder = part("grounder", model)()
    if not isinstance(grounder, Reader):
        if library is None:
            return FrameWatcher(open_encoder(None), grounder, name=model)
        return FrameWatcher(library.encoder, grounder, library.seen, model)
    if library is not None and library.encoder.fingerprint == grounder.fingerprint:
        return FrameWatcher(library.encoder, grounder, library.seen, grounder.name)
    encoder = open_encoder(grounder.encoder)
    if encoder.fingerprint != grounder.fingerprint:
        raise WeightsError(
            f"{grounder.name} was trained on vectors of another {grounder.encoder} than the one "
            "here; train it again, or put that encoder back"
        )
    return FrameWatcher(encoder, grounder, None, grounder.name)


def tiny_timechat() -> Watcher:
    """The small TimeChat of the package, as the catalog opens it."""
    return open_watcher("tiny-timechat")


def tiny_vtgllm() -> Watcher:
    """The small VTG-LLM of the package, as the catalog opens it."""
    return open_watcher("tiny-vtgllm")


def open_watcher(
    model: str = "",
    library: Library | None = None,
    *,
    words: bool = False,
    precision: Precision = "stored",
    device: str = "auto",
    answer: GenerateSettings | None = None,
) -> Watcher:
    """The watcher `model`: a name of the catalog, or the folder of a model that watches.

    A folder may hold the published files of TimeChat or VTG-LLM, or be known by its hub name where
    it is on this machine.

    `answer` says how a video LLM draws its answers; None: the same words each time. Empty takes
    `frames`, or where `words` are wanted the small VTG-LLM of the package if torch is installed.
    What `library` has stored is used, and visual tokens are kept there.
    """
    if not model and words and find_spec("torch"):
        model = IN_WORDS
    shipped = shipped_folder(model)
    place = shipped or Path(model).expanduser()
    if model in PARTS["grounder"] or is_moments(place):
        return by_grounder(model, library)
    if not place.is_dir():
        place = kept_folder(model) or place
    if model and model != BY_FRAMES and not place.is_dir():
        opened: Watcher = part("watcher", model)()
        return opened
    frames = by_frames() if library is None else FrameWatcher(library.encoder, stored=library.seen)
    if model in ("", BY_FRAMES):
        return frames
    from whenabouts.weights.sevila_folder import is_sevila

    kept = None if library is None else library.path / VISUAL_TOKENS
    precision = precision_of(shipped, precision)
    if is_sevila(place):
        from whenabouts.library.key_frame_watcher import KeyFrameWatcher
        from whenabouts.systems.sevila import open_answerer

        notes = (_COLOURS_ONLY,) if shipped else ()
        return KeyFrameWatcher(open_answerer(place, precision, device), kept, notes=notes)
    from whenabouts.library.language_watcher import LanguageWatcher
    from whenabouts.systems.video_llm import open_chat

    notes = (_SHAPES_ONLY.format(model),) if shipped else ()
    return LanguageWatcher(open_chat(place, precision, device), kept, frames, answer, notes)


def open_video(path: str | Path) -> Video:
    """A video file by its path.

    Raises:
        MediaError: it cannot be read as a video; the message says why.
    """
    place = Path(path).expanduser().absolute()
    return probe(place).video(place, content_id(place))


def paths_of(names: Iterable[str | Path], library: Library | None = None) -> list[Path]:
    """Files, all media files of folders, and names that only `library` knows, in this order.

    Raises:
        InputError: there is no such file, folder or name.
    """
    found: list[Path] = []
    for name in names:
        place = Path(name).expanduser()
        if library is not None and not place.exists():
            found.append(library.video(str(name)).path)
        else:
            found += [Path(file.path) for file in walk([place]).files]
    return list(dict.fromkeys(found))
