"""Long work: what is to do, how far it is, what came of it. It survives a restart.

A job is a row in a small database inside the library's folder. What was running when the server
ended is queued again: an index run goes on from its last commit, the rest is done anew.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from whenabouts.app.serve.problems import FullError, NotFoundError

State = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})
KEPT = 5000
"""Jobs that are remembered."""
AT_HAND = 50
"""Ended jobs in memory; the others are on disk, for their results can be large."""
MOST_WAITING = 200
"""Jobs that may wait; more are refused."""

_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    request TEXT NOT NULL, result TEXT, error TEXT,
    created_s REAL NOT NULL, ended_s REAL
)
"""


@dataclass(slots=True, eq=False)
class Job:
    """One piece of long work, as the server holds it."""

    id: str
    kind: str
    request: dict[str, Any]
    state: State = "queued"
    progress: dict[str, Any] = field(
        default_factory=lambda: {"stage": "", "done": 0.0, "total": 0.0, "text": ""}
    )
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    created_s: float = field(default_factory=time.time)
    ended_s: float | None = None
    version: int = 0
    """Grows with every change, so that a listener sees that there is news."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when somebody cancels it, or the server ends."""
    over: threading.Event = field(default_factory=threading.Event)

    def to_json(self) -> dict[str, Any]:
        """As the REST calls tell it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "request": self.request,
            "progress": self.progress,
            "result": self.result,
            "error": self.error,
            "created_s": self.created_s,
            "ended_s": self.ended_s,
        }


class Jobs:
    """All jobs, newest last; safe from any thread."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._disk = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._disk.execute("PRAGMA journal_mode=WAL")
        self._disk.execute(_TABLE)
        self._disk.execute("UPDATE jobs SET state='queued' WHERE state='running'")
        self._jobs: dict[str, Job] = {job.id: job for job in self._stored()}

    def _stored(self) -> list[Job]:
        """What is still to do, and the newest of what has ended; oldest first."""
        where = "state='queued' OR number > (SELECT MAX(number) FROM jobs) - ?"
        return self._read(where, AT_HAND)[::-1]

    def _read(self, where: str, value: int | str, limit: int = -1) -> list[Job]:
        """Jobs on disk that fit, newest first."""
        rows = self._disk.execute(
            "SELECT id, kind, state, request, result, error, created_s, ended_s FROM jobs "
            f"WHERE {where} ORDER BY number DESC LIMIT ?",
            (value, limit),
        ).fetchall()
        jobs: list[Job] = []
        for id_, kind, state, request, result, error, created_s, ended_s in rows:
            job = Job(id_, kind, json.loads(request), state, created_s=created_s)
            job.result = json.loads(result) if result else None
            job.error = json.loads(error) if error else None
            job.ended_s = ended_s
            if state in ENDED:
                job.over.set()
            jobs.append(job)
        return jobs

    def add(self, kind: str, request: dict[str, Any], *, once: bool = False) -> Job:
        """A new job at the end of the queue; on disk before this returns.

        With `once` a job that waits with the same request is given back instead.
        """
        job = Job(secrets.token_hex(8), kind, request)
        with self._lock:
            waiting = [one for one in self._jobs.values() if one.state == "queued"]
            same = [one for one in waiting if one.kind == kind and one.request == request]
            if once and same:
                return same[0]
            if len(waiting) >= MOST_WAITING:
                raise FullError(f"{len(waiting)} jobs are waiting already; try again later")
            self._disk.execute(
                "INSERT INTO jobs (id, kind, state, request, created_s) VALUES (?, ?, ?, ?, ?)",
                (job.id, kind, job.state, json.dumps(request), job.created_s),
            )
            self._jobs[job.id] = job
            self._forget_old()
        return job

    def _forget_old(self) -> None:
        ended = [job.id for job in self._jobs.values() if job.state in ENDED]
        for id_ in ended[: max(0, len(ended) - AT_HAND)]:
            del self._jobs[id_]
        self._disk.execute(
            "DELETE FROM jobs WHERE number <= (SELECT MAX(number) FROM jobs) - ? "
            "AND ended_s IS NOT NULL",
            (KEPT,),
        )

    def get(self, id_: str) -> Job:
        """The job with an id."""
        with self._lock:
            job = self._jobs.get(id_) or next(iter(self._read("id = ?", id_)), None)
        if job is None:
            raise NotFoundError(f"there is no job {id_}; see /api/v1/jobs")
        return job

    def latest(self, limit: int) -> list[Job]:
        """The newest first."""
        with self._lock:
            return [self._jobs.get(job.id, job) for job in self._read("number > ?", 0, limit)]

    def take(self, kinds: frozenset[str]) -> Job | None:
        """The next job of some kinds, which is running from now on; None when there is none."""
        with self._lock:
            for job in self._jobs.values():
                if job.state == "queued" and job.kind in kinds:
                    self._set(job, "running")
                    return job
        return None

    def tell(self, job: Job, **progress: Any) -> None:
        """How far a job is; kept in memory only."""
        job.progress = {**job.progress, **progress}
        job.version += 1

    def end(
        self,
        job: Job,
        state: State,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
    ) -> None:
        """A job is over; on disk before this returns."""
        with self._lock:
            job.result, job.error, job.ended_s = result, error, time.time()
            self._set(job, state)
        job.over.set()

    def requeue(self, job: Job) -> None:
        """The server ends while a job runs: the next one does it."""
        with self._lock:
            self._set(job, "queued")

    def cancel(self, id_: str) -> Job:
        """Stop a job, or never begin it; an ended one stays as it is."""
        job = self.get(id_)
        with self._lock:
            waiting = job.state == "queued"
            if waiting:
                job.ended_s = time.time()
                self._set(job, "cancelled")
        if waiting:
            job.over.set()
        job.stop.set()
        return job

    def counts(self) -> dict[str, int]:
        """Jobs by state."""
        with self._lock:
            rows = self._disk.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state")
            return dict(rows.fetchall())

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._disk.close()

    def _set(self, job: Job, state: State) -> None:
        job.state = state
        job.version += 1
        self._disk.execute(
            "UPDATE jobs SET state=?, result=?, error=?, ended_s=? WHERE id=?",
            (
                state,
                None if job.result is None else json.dumps(job.result),
                None if job.error is None else json.dumps(job.error),
                job.ended_s,
                job.id,
            ),
        )
