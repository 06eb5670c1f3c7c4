"""Progress on stderr: a bar with rate and remaining time on a terminal, nothing elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from whenabouts.app.screen import err, plain
from whenabouts.types import clock

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID

SECONDS = "seconds of video"
"""The unit that is shown as a clock, and its rate as times real time."""


class Bar:
    """One line that moves: what is done, done of total, rate, remaining time.

    `unit` names what is counted (`videos`, `MB`, `SECONDS`); a total of None shows a pulse.
    """

    def __init__(self, title: str, total: float | None = None, unit: str = "") -> None:
        self._title, self._total, self._unit = title, total, unit
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        console = err()
        if console.is_terminal and not console.is_dumb_terminal:
            self._progress = _progress(self._unit)
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=self._total, detail="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def to(
        self,
        done: float,
        total: float | None = None,
        *,
        title: str | None = None,
        detail: str = "",
    ) -> None:
        """Move to `done` of `total`; `detail` is shown behind, for example a file name."""
        if self._progress is None or self._task is None:
            return
        if title is not None and title != self._title:  # a new pass has a rate of its own
            self._title = title
            self._progress.reset(self._task, description=title)
        self._progress.update(
            self._task,
            completed=done,
            total=self._total if total is None else total,
            detail=plain(detail),
        )


def _progress(unit: str) -> Progress:
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            # Over the whole task: the last steps alone tell nothing when work comes in batches.
            took_s = task.finished_time or task.elapsed
            rate = task.completed / took_s if took_s else 0.0
            if rate == 0:
                return Text("")
            return Text(f"{rate:.3g}x" if unit == SECONDS else f"{rate:.3g} {unit}/s", style="dim")

    class Count(ProgressColumn):
        def render(self, task: Task) -> Text:
            counts = [task.completed] if task.total is None else [task.completed, task.total]
            if unit == SECONDS:
                return Text("/".join(clock(count).partition(".")[0] for count in counts))
            return Text("/".join(f"{count:,.0f}" for count in counts) + f" {unit}")

    class Detail(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.fields["detail"], style="dim")

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        Count(),
        Rate(),
        TimeRemainingColumn(compact=True),
        Detail(table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        console=err(),
        transient=True,
        expand=True,
    )
