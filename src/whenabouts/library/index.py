"""An index run: what changed on disk, then pass after pass, each committed as it goes.

Every stage leaves a library that can be searched, and a run that was cut off anywhere is resumed
by the next one: what is to do follows from the folders and the stored rows alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from whenabouts.catalog import part
from whenabouts.errors import MissingPartError
from whenabouts.library.about import video_of
from whenabouts.library.calibrate import Bank
from whenabouts.library.commits import Commits
from whenabouts.library.events import Event, Failure, Listener, Report
from whenabouts.library.job import Job
from whenabouts.library.look import look
from whenabouts.library.outcome import retried
from whenabouts.library.plan import Below, Plan, compare
from whenabouts.library.reading import ReadingPass
from whenabouts.library.settings import IndexSettings
from whenabouts.library.stage import Stage
from whenabouts.library.visual import VisualPass
from whenabouts.library.walk import absolute, walk
from whenabouts.protocols import Encoder, TextReader
from whenabouts.store.rows import VideoRow
from whenabouts.store.store import Store

BANK_PAYS_FRAMES = 3000
"""After a run this long the bank of null queries is made at once: it costs some 300 frames."""
READERS = ("screen", "speech")
"""Passes that are text readers of the catalog."""


class Indexer:
    """One index run over a store that is open for writing."""

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        settings: IndexSettings,
        listener: Listener,
        readers: Sequence[TextReader] | None = None,
    ) -> None:
        self._store, self._encoder, self._settings = store, encoder, settings
        self._listener = listener
        self._readers = readers
        self._report = Report()
        self._commits = Commits(store, settings)

    def run(self, roots: Sequence[str]) -> Report:
        """Bring the library up to date with the folders and files `roots`."""
        roots = [absolute(root) for root in roots]
        before = self._store.info().commit
        plan = self._plan(roots)
        fresh = look(self._store, plan, self._report, self._listener)
        below = Below(roots)
        passes = self._settings.passes
        if "keyframes" in passes:
            self._visual("keyframes", [*fresh, *self._jobs("keyframes", below)])
        if "frames" in passes:
            self._visual("frames", self._jobs("frames", below))
        for name in READERS:
            if name in passes:
                self._read(name, below)
        if self._store.info().commit != before:
            self._tidy()
        # A damaged file is met in every pass: once is enough to tell, in the last words.
        latest = {failure.path: failure for failure in self._report.partial}
        self._report.partial = list(latest.values())
        return self._report

    def _plan(self, roots: Sequence[str]) -> Plan:
        """Compare disk and store."""
        started = time.monotonic()
        settings, report = self._settings, self._report
        seen = walk(roots, settings.exclude, hidden=settings.hidden)
        plan = compare(self._store.videos(), seen, roots, retry=settings.retry)
        report.failed += seen.problems
        report.unchanged = len(plan.unchanged) + len(plan.back) + len(plan.retold)
        for row in plan.unchanged:
            if row.status == "failed":
                report.failed.append(Failure(Path(row.path), row.reason))
            elif row.status == "partial" and not settings.retry:
                report.partial.append(Failure(Path(row.path), row.reason))
        if settings.retry:
            changed = [(row, retried(row)) for row in plan.unchanged]
            self._store.update([new for row, new in changed if new is not row])
        report.stage_s["walk"] = time.monotonic() - started
        text = f"{len(seen.files)} files, {len(plan.look)} of them new or changed"
        self._listener(Event("found", "walk", total=len(seen.files), text=text))
        return plan

    def _due(self, name: str, below: Below) -> list[tuple[VideoRow, ...]]:
        """Contents for which a pass is due, each with the rows of its paths.

        The first row is a file that is there; what lies on a disk that is not, waits.
        """
        contents: dict[str, list[VideoRow]] = {}
        for row in self._store.videos():
            due = row.status in ("ok", "partial") and name not in row.passes
            if due and below.holds(row.path):
                contents.setdefault(row.id, []).append(row)
        ordered = [
            sorted(rows, key=lambda row: not Path(row.path).exists()) for rows in contents.values()
        ]
        return [tuple(rows) for rows in ordered if Path(rows[0].path).exists()]

    def _jobs(self, name: str, below: Below) -> list[Job]:
        return [
            Job(rows[0].id, rows=rows, video=video_of(rows[0])) for rows in self._due(name, below)
        ]

    def _visual(self, name: str, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        length_s = 0.0 if any(job.files for job in jobs) else sum(job.length_s for job in jobs)
        stage = Stage(name, len(jobs), length_s, self._listener)
        VisualPass(self._encoder, self._commits, self._settings, self._report).run(stage, jobs)
        self._report.stage_s[name] = stage.close()

    def _read(self, name: str, below: Below) -> None:
        due = self._due(name, below)
        reader = self._reader(name) if due else None
        if reader is None:
            return
        jobs = [(video_of(rows[0]), rows) for rows in due]
        length_s = sum(video.duration_s for video, _ in jobs)
        stage = Stage(name, len(jobs), length_s, self._listener)
        ReadingPass(reader, self._commits, self._settings, self._report).run(stage, jobs)
        self._report.stage_s[name] = stage.close()

    def _reader(self, name: str) -> TextReader | None:
        """The text reader of a pass; None with a note when it is not installed."""
        if self._readers is not None:
            return next((one for one in self._readers if one.channel == name), None)
        try:
            reader: TextReader = part("text_reader", name)()
        except MissingPartError as error:
            self._report.notes.append(str(error))
            return None
        return reader

    def _tidy(self) -> None:
        """Upkeep of the store: merge small pieces, refresh indexes."""
        started = time.monotonic()
        self._listener(Event("stage", "tidy"))
        self._store.optimize()
        if self._report.frames > BANK_PAYS_FRAMES:
            Bank.of_texts(self._encoder, self._store.path)  # the first search need not wait
        self._report.stage_s["tidy"] = time.monotonic() - started
