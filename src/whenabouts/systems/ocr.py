"""Text drawn on screen, read with the RapidOCR models that its wheel carries (English, Chinese).

A frame is read only when the picture changed since the last reading, and what several readings
say about the same line becomes one span: readings of one subtitle differ by a letter or two, and
nobody wants twenty hits for one sentence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingPartError
from whenabouts.protocols import Sampling
from whenabouts.types import Channel, Frames, Span, Video

MIN_SIDE_PX = 16
"""Frames thinner than this hold no readable line and upset the detector."""
MIN_SCORE = 0.6
SURE_SCORE = 0.8
"""A line below this must be read twice: noise is rarely misread the same way again."""
CHANGED_BLOCKS = 12
CHANGED_GREY = 20.0
"""The picture changed when this many of some 14,000 blocks moved by this many grey levels: about
one letter of a subtitle."""
CUT_SHARE = 0.4
"""More changed blocks than this share are a cut to another shot."""
FRAMES = frozenset("口一二三十日目田回王工中凸凹〇")
"""Characters that squares, bars and windows are read as when they stand alone."""
EMPTY_READS = 3
"""After so many readings without text in one shot, every second change is left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One line as read in one frame; `box` is left, top, right, bottom as shares of the frame."""

    text: str
    score: float
    box: tuple[float, float, float, float]


Engine = Callable[[NDArray[np.uint8]], Sequence[Reading]]
"""Reads the lines of one frame, uint8 [H,W,3] RGB."""


class ScreenReader:
    """On-screen text as spans; see `reader`."""

    channel: Channel = "screen"

    def __init__(self, engine: Engine, rate_hz: float = 1.0, input_px: int = 720) -> None:
        self._engine = engine
        self._sampling = Sampling(rate_hz)
        self._input_px = input_px

    @property
    def sampling(self) -> Sampling:
        """Frames to look at; only those whose picture changed are read."""
        return self._sampling

    @property
    def input_px(self) -> int:
        """Shorter side that is enough for the detector's input and legible crops."""
        return self._input_px

    def read(self, video: Video, frames: Iterable[Frames]) -> Iterator[tuple[Span, str, str]]:
        """Spans with the text shown, in order of their start; lines shown together are one."""
        period_s = 1.0 / self._sampling.rate_hz
        lines = _Lines(period_s)
        gate = _Gate()
        last_s = 0.0
        for chunk in frames:
            for pixels, time_s in zip(chunk.pixels, chunk.times_s, strict=True):
                last_s = float(time_s)
                if min(pixels.shape[:2]) < MIN_SIDE_PX:
                    continue
                if gate.wants(pixels):
                    readings = [r for r in self._engine(pixels) if _worth_keeping(r)]
                    gate.was_read(found=bool(readings))
                    lines.see(readings, last_s)
                elif gate.same:
                    lines.hold(last_s)
        end_s = max(video.duration_s, last_s)
        yield from _paragraphs(lines.finish(end_s))


def reader(rate_hz: float = 1.0, detail_px: int = 640, threads: int = 0) -> ScreenReader:
    """A reader of on-screen text on the models inside the RapidOCR wheel; nothing is fetched.

    Args:
        rate_hz: frames a second that are looked at.
        detail_px: longer side of the picture the text detector sees; smaller text needs more, and
            the cost grows with its square.
        threads: of the runtime; 0 is at most two.
    """
    threads = threads or min(2, os.cpu_count() or 1)
    return ScreenReader(_RapidOcr(detail_px, threads), rate_hz)


class _RapidOcr:
    """The engine, made on the first frame: loading costs a second and 100 MB."""

    def __init__(self, detail_px: int, threads: int) -> None:
        self._detail_px = detail_px
        self._threads = threads
        self._ocr: Any = None

    def __call__(self, pixels: NDArray[np.uint8]) -> list[Reading]:
        if self._ocr is None:
            self._ocr = self._open()
        height, width = pixels.shape[:2]
        # BGR, as the models were trained; text in video is upright, so no turn is looked for.
        found = self._ocr(np.ascontiguousarray(pixels[..., ::-1]), use_cls=False)
        if getattr(found, "txts", None) is None or getattr(found, "boxes", None) is None:
            return []
        readings: list[Reading] = []
        for text, score, corners in zip(found.txts, found.scores, found.boxes, strict=True):
            xs, ys = np.asarray(corners)[:, 0] / width, np.asarray(corners)[:, 1] / height
            box = (float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
            readings.append(Reading(" ".join(str(text).split()), float(score), box))
        return readings

    def _open(self) -> Any:
        try:
            import rapidocr
        except ImportError as error:
            raise MissingPartError(
                f"on-screen text needs rapidocr, which does not load ({error}); "
                "run: pip install --force-reinstall rapidocr opencv-python-headless"
            ) from error
        folder = Path(rapidocr.__file__).parent / "models"
        params: dict[str, Any] = {
            "Global.log_level": "error",
            "Det.limit_type": "max",
            "Det.limit_side_len": self._detail_px,
            "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        # Named files: by default a model that does not verify is fetched without asking.
        for part, pattern in (("Det", "*det*.onnx"), ("Rec", "*rec*.onnx"), ("Cls", "*cls*.onnx")):
            models = sorted(folder.glob(pattern))
            if not models:
                raise MissingPartError(
                    f"on-screen text needs the models of rapidocr, but {folder} holds no "
                    f"{pattern}; run: pip install --force-reinstall rapidocr"
                )
            params[f"{part}.model_path"] = str(models[-1])
        return rapidocr.RapidOCR(params=params)


@dataclass(slots=True)
class _Gate:
    """Decides which frames are worth reading, from small grey pictures."""

    same: bool = False
    """The last frame asked about shows what the last frame read shows."""
    _read: NDArray[np.float32] | None = None
    _current: NDArray[np.float32] | None = None
    _empty: int = 0
    _skipped: bool = False

    def wants(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether `pixels` uint8 [H,W,3] should be read."""
        small = _shrink(pixels)
        before, self._current = self._read, small
        self.same = False
        if before is None or before.shape != small.shape:
            return True
        changed = int(np.count_nonzero(np.abs(small - before) > CHANGED_GREY))
        if changed <= CHANGED_BLOCKS:
            self.same = True
            return False
        if changed > CUT_SHARE * small.size:
            self._empty = 0
        if self._empty >= EMPTY_READS and not self._skipped:
            self._skipped = True
            return False
        return True

    def was_read(self, found: bool) -> None:
        """Remember the frame last asked about as read."""
        self._read = self._current
        self._skipped = False
        self._empty = 0 if found else self._empty + 1


def _shrink(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Green (nearly the brightness) averaged over blocks, float32, some 90 blocks high or wide."""
    block = max(1, min(pixels.shape[:2]) // 90)
    rows, columns = pixels.shape[0] // block, pixels.shape[1] // block
    green = pixels[: rows * block, : columns * block, 1]
    sums = green.reshape(rows, block, columns, block).sum(axis=(1, 3), dtype=np.uint32)
    return (sums / np.float32(block * block)).astype(np.float32)


@dataclass(slots=True)
class _Line:
    """One line of text while it is shown: every reading votes for its wording."""

    start_s: float
    seen_s: float
    box: tuple[float, float, float, float]
    key: str
    votes: dict[str, float] = field(default_factory=dict[str, float])
    best: float = 0.0
    reads: int = 0
    missed: int = 0
    """Readings in a row that lack it; `end_s` is set by the first."""
    end_s: float = 0.0

    def add(self, reading: Reading, time_s: float) -> None:
        """Take one more reading."""
        self.seen_s, self.box, self.key = time_s, reading.box, _key(reading.text)
        self.votes[reading.text] = self.votes.get(reading.text, 0.0) + reading.score
        self.best = max(self.best, reading.score)
        self.reads += 1
        self.missed = 0

    @property
    def text(self) -> str:
        """The wording most readings agree on; a text being typed counts for its longer form."""

        def agreed(text: str) -> float:
            return sum(v for shorter, v in self.votes.items() if text.startswith(shorter))

        return max(self.votes, key=agreed)


class _Lines:
    """Lines on screen over time; times rise."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._shown: list[_Line] = []
        self._gone: list[_Line] = []

    def see(self, readings: Sequence[Reading], time_s: float) -> None:
        """The lines read at `time_s`; those not among them ended before it."""
        still: list[_Line] = []
        for reading in readings:
            line = next((ln for ln in self._shown if _same_line(ln, reading)), None)
            if line is None:
                line = _Line(time_s, time_s, reading.box, _key(reading.text))
            else:
                self._shown.remove(line)
            line.add(reading, time_s)
            still.append(line)
        for line in self._shown:
            if not line.missed:
                line.end_s = min(time_s, line.seen_s + self._period_s)
            line.missed += 1
        # One bad reading does not end a line.
        self._gone += [line for line in self._shown if line.missed > 1]
        self._shown = still + [line for line in self._shown if line.missed == 1]

    def hold(self, time_s: float) -> None:
        """The picture at `time_s` is the one last read."""
        for line in self._shown:
            if not line.missed:
                line.seen_s = time_s

    def finish(self, end_s: float) -> list[_Line]:
        """All lines worth keeping, by start, then place; `end_s` is the end of the video."""
        for line in (shown for shown in self._shown if not shown.missed):
            line.end_s = max(line.seen_s, min(end_s, line.seen_s + self._period_s))
        lines = [
            line for line in self._gone + self._shown if line.best >= SURE_SCORE or line.reads > 1
        ]
        return sorted(lines, key=lambda ln: (ln.start_s, ln.end_s, ln.box[1], ln.box[0]))


def _paragraphs(lines: Iterable[_Line]) -> Iterator[tuple[Span, str, str]]:
    """Lines that come and go together as one text, top to bottom."""
    for (start_s, end_s), group in groupby(lines, key=lambda ln: (ln.start_s, ln.end_s)):
        text = " ".join(line.text for line in group)
        yield Span(max(0.0, start_s), max(0.0, end_s)), text, _language(text)


def _key(text: str) -> str:
    """What counts when two readings are compared: letters and digits, without case."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _worth_keeping(reading: Reading) -> bool:
    """Whether a reading is text: sure enough, and more than one letter or some stray marks."""
    key = _key(reading.text)
    if reading.score < MIN_SCORE or not key or key in FRAMES:
        return False
    return not key.isascii() or (
        len(key) > 1 and 2 * len(key) >= len(reading.text.replace(" ", ""))
    )


def _same_line(line: _Line, reading: Reading) -> bool:
    """Whether a reading is the line seen before: nearly the same words, there or elsewhere."""
    key = _key(reading.text)
    in_place = _same_place(line.box, reading.box)
    if key == line.key:
        return True
    if in_place and min(len(key), len(line.key)) > 1 and _one_begins_other(key, line.key):
        return True
    if min(len(key), len(line.key)) < 5 or not _same_digits(key, line.key):
        return False
    return SequenceMatcher(None, key, line.key, False).ratio() >= (0.75 if in_place else 0.85)


def _one_begins_other(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _same_digits(one: str, other: str) -> bool:
    """Whether numbers agree; clocks and counters, mostly digits, may run on."""
    digits = [[c for c in text if c.isdigit()] for text in (one, other)]
    if digits[0] == digits[1]:
        return True
    return all(2 * len(d) > len(text) for d, text in zip(digits, (one, other), strict=True))


def _same_place(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    """Whether two boxes lie on the same line of the screen and overlap sideways."""
    height = max(one[3] - one[1], other[3] - other[1])
    level = abs((one[1] + one[3]) - (other[1] + other[3])) / 2 <= 0.5 * height
    return level and min(one[2], other[2]) > max(one[0], other[0])


def _language(text: str) -> str:
    """`zh` for Chinese characters, `ja` with kana among them; Latin letters may be any language."""
    if any("぀" <= c <= "ヿ" for c in text):
        return "ja"
    return "zh" if any("㐀" <= c <= "鿿" for c in text) else ""
