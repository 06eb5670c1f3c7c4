"""Threads that do the jobs: one lane a kind of work, so that a long index delays no answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from whenabouts.app.serve.jobs import Job, Jobs
from whenabouts.app.serve.problems import status_of
from whenabouts.errors import WhenaboutsError

LOG = logging.getLogger("whenabouts.serve")


class StoppedError(Exception):
    """Somebody cancelled the job, or the server ends."""


class Told:
    """How a job tells what it does; telling stops a job that was cancelled."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs, self._job = jobs, job
        self.stop = job.stop

    @property
    def id(self) -> str:
        """Of the job."""
        return self._job.id

    def progress(
        self, stage: str = "", done: float = 0.0, total: float = 0.0, text: str = ""
    ) -> None:
        """How far it is."""
        if self.stop.is_set():
            raise StoppedError
        self._jobs.tell(self._job, stage=stage, done=done, total=total, text=text)


Work = Callable[[dict[str, Any], Told], dict[str, Any]]
"""What does a job: its request, how to tell, and then the result."""


class Lanes:
    """One thread for each group of kinds."""

    def __init__(self, jobs: Jobs, works: Mapping[str, Mapping[str, Work]]) -> None:
        """`works`: lane -> kind -> what does it."""
        self._jobs = jobs
        self._news = {name: threading.Event() for name in works}
        self._lane_of = {kind: name for name, kinds in works.items() for kind in kinds}
        self._running: dict[str, Job] = {}
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, args=(name, kinds), name=f"lane-{name}", daemon=True)
            for name, kinds in works.items()
        ]

    def start(self) -> None:
        """Begin with what is queued."""
        for news in self._news.values():
            news.set()
        for thread in self._threads:
            thread.start()

    def add(self, kind: str, request: dict[str, Any], *, once: bool = False) -> Job:
        """Queue a job; see `Jobs.add`."""
        job = self._jobs.add(kind, request, once=once)
        self._news[self._lane_of[kind]].set()
        return job

    def close(self, wait_s: float = 10.0) -> None:
        """Stop: what runs is queued again for the next start."""
        self._closing = True
        for job in list(self._running.values()):
            job.stop.set()
        for news in self._news.values():
            news.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(wait_s)

    def _run(self, name: str, works: Mapping[str, Work]) -> None:
        kinds = frozenset(works)
        while not self._closing:
            self._news[name].wait(5.0)
            self._news[name].clear()
            while not self._closing and (job := self._jobs.take(kinds)) is not None:
                self._running[name] = job
                self._do(job, works[job.kind])
                self._running.pop(name, None)

    def _do(self, job: Job, work: Work) -> None:
        jobs = self._jobs
        try:
            result = work(job.request, Told(jobs, job))
        except StoppedError:
            if self._closing:
                jobs.requeue(job)
            else:
                jobs.end(job, "cancelled")
        except (WhenaboutsError, OSError) as error:
            kind = type(error).__name__.removesuffix("Error")
            told = {"status": status_of(error), "detail": str(error), "kind": kind}
            jobs.end(job, "failed", error=told)
        except ModuleNotFoundError as error:
            detail = f"this needs the package {error.name}, which is not installed"
            jobs.end(job, "failed", error={"status": 501, "detail": detail, "kind": "MissingPart"})
        except Exception as error:  # a fault in one job must not end the lane
            LOG.exception("fault of the program in job %s (%s)", job.id, job.kind)
            told = {"status": 500, "detail": f"a fault of the program: {error}", "kind": "Fault"}
            jobs.end(job, "failed", error=told)
        else:
            jobs.end(job, "done", result)
