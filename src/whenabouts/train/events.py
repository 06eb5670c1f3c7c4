"""The figures of a run as events that TensorBoard draws."""

from __future__ import annotations

from pathlib import Path

from whenabouts.errors import MissingPartError
from whenabouts.train.loop import Progress


class Events:
    """Writes one scalar a figure and step into a folder."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingPartError(
                "tensorboard=true needs TensorBoard: pip install tensorboard; the figures are in "
                "metrics.csv either way"
            ) from error
        self._folder = folder
        self._writer = SummaryWriter(str(folder))

    def write(self, progress: Progress) -> None:
        """One row of the log."""
        for name, value in progress.logs.items():
            if name != "step":
                self._writer.add_scalar(name, value, progress.step)
        self._writer.flush()
