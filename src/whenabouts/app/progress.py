"""Progress on stderr: a bar with rate and remaining time on a terminal, nothing elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from whenabouts.app.screen import err, plain

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID


class Bar:
    """One line that moves: what is done, done of total, rate, remaining time.

    `unit` names what is counted (`videos`, `s`, `MB`); a total of None shows a pulse.
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
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            rate = task.finished_speed or task.speed
            return Text(f"{rate:.3g} {unit}/s" if rate else "", style="dim")

    class Count(ProgressColumn):
        def render(self, task: Task) -> Text:
            total = "" if task.total is None else f"/{task.total:.6g}"
            return Text(f"{task.completed:.6g}{total} {unit}".rstrip())

    class Detail(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.fields["detail"], overflow="ellipsis", no_wrap=True, style="dim")

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        Count(),
        Rate(),
        TimeRemainingColumn(compact=True),
        Detail(),
        console=err(),
        transient=True,
        expand=False,
    )
