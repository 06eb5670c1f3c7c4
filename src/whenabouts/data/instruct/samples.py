"""What a trainer of video LLMs reads: a video's frames with their times, and the turns about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.data.instruct.records import Numbers, Record, read_records
from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip, load_clip
from whenabouts.errors import DataError
from whenabouts.models.frame_times import video_sentence
from whenabouts.models.time_tokens import spell_frame_message
from whenabouts.settings import Settings

Turns = tuple[tuple[str, str], ...]
"""Questions and answers; the answers are what is learnt."""


@dataclass(frozen=True, slots=True, eq=False)
class InstructionSample:
    """One video with everything that is asked about it in one conversation."""

    clip: VideoClip
    turns: Turns
    source: str = ""
    """The set that it comes from."""
    video: str = ""
    shown: tuple[tuple[float, float] | None, ...] = ()
    """What each turn is about, in s, where it is known besides the answer."""
    in_view: NDArray[np.bool_] | None = None
    """[T,C]: which of C kinds of things each frame shows, where it is known."""
    memory: NDArray[np.float16] | None = None
    """[T,P,W]: what frozen eyes saw of the frames, where it was kept; the clip is empty then."""

    def message(self, numbers: Numbers) -> str:
        """The sentence before the first question that tells the times of the frames."""
        plain = video_sentence(self.clip.times)
        return spell_frame_message(plain) if numbers == "tokens" else plain


class Samples(Protocol):
    """A set of samples that can be drawn from again and again."""

    @property
    def name(self) -> str:
        """What it is called in notes."""
        ...

    def __len__(self) -> int: ...

    def sample(self, place: int, random: Random) -> InstructionSample:
        """The sample at a place; `random` draws its frames. `MediaError` if it cannot be read."""
        ...


class SetSettings(Settings):
    """One set of instructions on disk."""

    annotations: Path
    """A file of TimeIT, VTG-IT or Valley, or a folder with such files."""
    videos: Path
    """What the paths in the annotations are relative to."""
    weight: float = Field(default=1.0, gt=0)
    """How often a step takes this set, relative to the other sets. The published recipes take
    every set equally often, whatever its size."""
    leave_out: tuple[str, ...] = ()
    """Sets below the folder of annotations that do not count."""
    missing: Literal["refuse", "drop"] = "refuse"
    """What to do when some of the videos have no file."""


class FileSamples:
    """The records of one set, with frames decoded on demand."""

    def __init__(
        self, settings: SetSettings, frames: FrameSettings, numbers: Numbers = "as written"
    ) -> None:
        """Reads the annotations; `notes` says what was left out."""
        self.settings, self.frames = settings, frames
        self.numbers: Numbers = numbers
        records = read_records(settings.annotations, settings.leave_out)
        self.records, self.notes = _with_files(records, settings)

    @property
    def name(self) -> str:
        """The annotations."""
        return str(self.settings.annotations)

    def __len__(self) -> int:
        return len(self.records)

    def sample(self, place: int, random: Random) -> InstructionSample:
        """The sample at a place; `random` draws its frames. `MediaError` if it cannot be read."""
        record = self.records[place]
        clip = load_clip(self.settings.videos / record.video, self.frames, random)
        told = record.numbered(self.numbers)
        return InstructionSample(clip, told.turns, record.source, record.video)


def _with_files(
    records: Sequence[Record], settings: SetSettings
) -> tuple[list[Record], tuple[str, ...]]:
    """The records whose videos there are, and what to tell about the others."""
    names = dict.fromkeys(record.video for record in records)
    missing = [name for name in names if not (settings.videos / name).is_file()]
    if not missing:
        return list(records), ()
    gone = set(missing)
    kept = [record for record in records if record.video not in gone]
    what = (
        f"{len(missing):,} of {len(names):,} videos of {settings.annotations} have no file below "
        f"{settings.videos}, first {missing[0]}"
    )
    if settings.missing == "drop" and kept:
        return kept, (f"{what}; {len(records) - len(kept):,} records are left out",)
    advice = "; missing=drop goes on with the others" if kept else ""
    raise DataError(f"{what}; name the folder that the paths begin in{advice}")
