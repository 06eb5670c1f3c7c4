"""Speech as text with faster-whisper, when the package and its weights are on this machine.

Weights are looked for, never fetched silently: a folder given by name or by the environment, then
the hub's cache. Without them `reader` says what is missing and how to add it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingPartError
from whenabouts.protocols import Sampling
from whenabouts.types import Channel, Frames, Span, Video

WEIGHTS_VARIABLE = "WHENABOUTS_SPEECH_WEIGHTS"
"""Environment variable: a folder with a converted Whisper model, or a size such as `small`."""
DEFAULT_SIZE = "small"
SOUND_HZ = 16_000
BLOCK_S = 300.0
"""Sound is heard in blocks of this length, so that memory does not grow with the video."""
SEEK_S = 20.0
"""A block ends in the quietest tenth of a second of its last `SEEK_S` seconds: not in a word."""
SILENT_SHARE = 0.6
UNSURE_LOG_PROB = -1.0
"""A piece that is probably silence and unsure in its words is one that Whisper made up."""

Sound = NDArray[np.float32]
"""Mono sound at `SOUND_HZ`, float32 [samples] in [-1, 1]."""


class SpeechReader:
    """Speech as spans; see `reader`."""

    channel: Channel = "speech"
    input_px: int = 0
    sampling: Sampling | None = None

    def __init__(
        self,
        folder: Path,
        language: str = "",
        threads: int = 0,
        sound: Callable[[Video], Iterable[Sound]] | None = None,
    ) -> None:
        self._folder = folder
        self._language = language
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._sound = sound or _sound_of
        self._model: Any = None

    def read(self, video: Video, frames: Iterable[Frames] = ()) -> Iterator[tuple[Span, str, str]]:
        """Spans with what was said and the language heard; `frames` are not looked at."""
        del frames
        language = self._language
        said_before = ""
        for start_s, block in _blocks(self._sound(video)):
            if not np.any(block):
                continue
            pieces, heard = self._transcribe(block, language)
            # The language of the first words stays: a guess for each block flickers.
            for span, text in pieces:
                language = language or heard
                # Whisper repeats itself over music; the first time is enough.
                if text != said_before:
                    yield span.shift(start_s), text, heard
                said_before = text

    def _transcribe(self, block: Sound, language: str) -> tuple[Iterator[tuple[Span, str]], str]:
        if self._model is None:
            self._model = self._open()
        segments, info = self._model.transcribe(
            block,
            language=language or None,
            vad_filter=True,
            condition_on_previous_text=False,
        )
        length_s = len(block) / SOUND_HZ
        return _pieces(segments, length_s), str(info.language)

    def _open(self) -> Any:
        try:
            return _package().WhisperModel(
                str(self._folder),
                device="auto",
                compute_type="auto",
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise MissingPartError(
                f"the speech weights in {self._folder} do not open ({error}); "
                f"give another folder in {WEIGHTS_VARIABLE} or fetch them again"
            ) from error


def reader(weights: str = "", language: str = "", threads: int = 0) -> SpeechReader:
    """A reader of speech on weights that are here already; raises `MissingPartError` without.

    Args:
        weights: folder of a converted Whisper model, or a size (`tiny`, `base`, `small`, `medium`,
            `large-v3`, `turbo`) or hub name looked up in the hub's cache; empty: what the
            environment variable `WHENABOUTS_SPEECH_WEIGHTS` says, else `small`.
        language: code such as `en` or `zh`; empty: found out by listening.
        threads: of the runtime; 0 is at most four.
    """
    _package()
    wanted = weights or os.environ.get(WEIGHTS_VARIABLE, "") or DEFAULT_SIZE
    folder = _folder_of(wanted)
    if folder is None:
        raise MissingPartError(
            f"speech is not read: no weights for {wanted!r} on this machine; "
            f"fetch them with: whenabouts models get speech-{wanted.rpartition('/')[2]}, "
            f"or name a folder in {WEIGHTS_VARIABLE}"
        )
    return SpeechReader(folder, language, threads)


def fetch(size: str = DEFAULT_SIZE) -> Path:
    """Fetch weights into the hub's cache and return their folder; only after the user agreed."""
    try:
        return Path(_package().download_model(size))
    except ValueError as error:
        raise InputError(f"{size!r} is no size of Whisper: {error}") from error
    except OSError as error:
        raise MissingPartError(
            f"the speech weights {size!r} could not be fetched ({error}); check the network, or "
            f"copy a converted model here and name its folder in {WEIGHTS_VARIABLE}"
        ) from error


def _package() -> Any:
    """The package, which brings neither types nor a place in a light install."""
    try:
        return import_module("faster_whisper")
    except ImportError as error:
        raise MissingPartError(
            f"speech is not read: faster-whisper does not load ({error}); "
            "run: pip install 'whenabouts[asr]'"
        ) from error


def _folder_of(wanted: str) -> Path | None:
    """The folder of the weights `wanted`, or None when this machine has none."""
    folder = Path(wanted).expanduser()
    if (folder / "model.bin").is_file():
        return folder
    if folder.is_absolute():
        return None
    try:
        return Path(_package().download_model(wanted, local_files_only=True))
    except (OSError, ValueError):
        # Not in the cache, or no such size: the caller says what was looked for.
        return None


def _sound_of(video: Video) -> Iterable[Sound]:
    """The sound of a file in pieces of a few seconds."""
    from whenabouts.media.audio import read_sound

    return read_sound(video.path, rate_hz=SOUND_HZ)


def _blocks(pieces: Iterable[Sound]) -> Iterator[tuple[float, Sound]]:
    """Start in seconds and sound of blocks of about `BLOCK_S`, cut where it is quiet."""
    limit = round(BLOCK_S * SOUND_HZ)
    held: list[Sound] = []
    count = start = 0
    for piece in chain(pieces, (None,)):
        if piece is not None:
            held.append(piece)
            count += len(piece)
        while count >= limit or (piece is None and count):
            block = np.concatenate(held)
            cut = count if piece is None and count < limit else _quiet(block[:limit])
            yield start / SOUND_HZ, block[:cut]
            held, count, start = [block[cut:]], count - cut, start + cut


def _quiet(block: Sound) -> int:
    """The sample in the last `SEEK_S` seconds around which `block` is quietest."""
    window = SOUND_HZ // 10
    tail = block[-min(len(block) // 2, round(SEEK_S * SOUND_HZ)) :]
    rows = tail[: len(tail) // window * window].reshape(-1, window)
    quietest = int(np.argmin(np.square(rows).sum(axis=1)))
    return len(block) - len(tail) + quietest * window + window // 2


def _pieces(segments: Iterable[Any], length_s: float) -> Iterator[tuple[Span, str]]:
    """What was said, without what is likely made up; times within the block."""
    for segment in segments:
        text = " ".join(str(segment.text).split())
        made_up = segment.no_speech_prob > SILENT_SHARE and segment.avg_logprob < UNSURE_LOG_PROB
        if text and not made_up:
            start_s = min(max(0.0, float(segment.start)), length_s)
            yield Span(start_s, min(max(start_s, float(segment.end)), length_s)), text
