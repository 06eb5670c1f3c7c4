"""Feature files in the field's layout: npz files, one a video and kind, one a query.

`FOLDER/KIND/VID.npz` holds `features` [N,D]; `TEXTS/qidQID.npz` holds `last_hidden_state` [T,W].
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from whenabouts.data.moments.example import MomentExample, steps_in
from whenabouts.data.moments.rows import MomentRow, read_rows
from whenabouts.errors import DataError
from whenabouts.models.moment_features import Floats, beside, unit_rows
from whenabouts.settings import Settings

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]


class FeatureSettings(Settings):
    """Which files of which folder."""

    folder: UserPath
    videos: tuple[str, ...]
    """Folders of the kinds below it, in this order: `slowfast_features`, `clip_features`."""
    texts: str
    """Folder of the queries' features."""
    train: str
    """Annotations, below the folder."""
    validation: str = ""
    step_s: float = Field(default=2.0, gt=0)
    """Seconds of a row of features: 2 for QVHighlights, 1 for most others."""
    most_steps: int = Field(default=75, gt=0)
    """Longer videos are cut, as published."""
    most_words: int = Field(default=32, gt=0)


class FeatureMoments:
    """Queries of one annotation file with their features, read when asked for."""

    def __init__(self, settings: FeatureSettings, annotations: str) -> None:
        self._settings = settings
        self.rows = read_rows(settings.folder / annotations)

    def __len__(self) -> int:
        return len(self.rows)

    def example(self, number: int, generator: np.random.Generator) -> MomentExample:  # noqa: ARG002 (one signature with what is drawn)
        """A query on its video."""
        return self.of(self.rows[number])

    def length_s(self, number: int) -> float:
        """Of the video, as far as it is seen."""
        most_s = self._settings.most_steps * self._settings.step_s
        return min(self.rows[number].duration_s, most_s)

    def of(self, row: MomentRow) -> MomentExample:
        """Features of a row."""
        settings = self._settings
        kinds = [
            read_array(settings.folder / kind / f"{row.vid}.npz", "features")
            for kind in settings.videos
        ]
        text = read_array(
            settings.folder / settings.texts / f"qid{row.qid}.npz", "last_hidden_state"
        )
        video = beside(kinds, settings.most_steps)
        windows = np.array(row.windows, np.float64).reshape(-1, 2)
        windows = windows.clip(0, len(video) * settings.step_s)
        return MomentExample(
            row.qid,
            video,
            unit_rows(text[: settings.most_words]),
            settings.step_s,
            windows,
            *_relevant(row, windows, len(video), settings.step_s),
        )


def _relevant(
    row: MomentRow, windows: NDArray[np.float64], steps: int, step_s: float
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Relevant steps and the sum of their scores; by the windows where nobody was asked."""
    if row.clips:
        inside = [n for n, clip in enumerate(row.clips) if clip < steps]
        totals = tuple(sum(row.ratings[n]) for n in inside)
        return tuple(row.clips[n] for n in inside), totals
    return (steps_in(windows, steps, step_s) if len(windows) else ()), ()


def read_array(path: Path, name: str) -> Floats:
    """One array [N,D] of an npz file, or of a plain npy file beside it.

    Raises:
        DataError: no such file, no such array in it, or it is no table of finite numbers.
    """
    try:
        loaded = np.load(path)
        values = loaded if isinstance(loaded, np.ndarray) else loaded[name]
    except KeyError:
        raise DataError(f"{path} has no array {name!r}") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"cannot read features {path}: {error}") from error
    if values.ndim != 2 or not len(values) or not np.isfinite(values).all():
        raise DataError(f"{path}: {name} is {values.shape}, not a table of finite numbers [N,D]")
    return values.astype(np.float32)
