"""Figures of a job that runs in a process of its own: CPU and wall seconds, memory, its answer.

A job is a function named in `indexing_jobs.py`; it prints one JSON line. CPU seconds are user plus
system time of the process and its children, from the moment its parts are loaded (`started`).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "FIGURES "


@dataclass(frozen=True)
class Figures:
    """What one run of a job cost."""

    cpu_s: float
    """After start-up: imports, models and store opened."""
    wall_s: float
    startup_cpu_s: float
    peak_mb: float
    """Largest resident memory of the process, start-up included."""
    answer: dict[str, Any]
    process_s: float = 0.0
    """Wall seconds of the whole process, start-up included."""


class Clock:
    """Counts from `Clock()` to `stop()` inside a job."""

    def __init__(self) -> None:
        self.cpu_s, self.wall_s = cpu_seconds(), time.perf_counter()

    def stop(self, **answer: Any) -> None:
        """Print the figures for the parent."""
        now = cpu_seconds()
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        figures = {
            "cpu_s": now - self.cpu_s,
            "wall_s": time.perf_counter() - self.wall_s,
            "startup_cpu_s": self.cpu_s,
            "peak_mb": peak_kb / (1 << 20 if sys.platform == "darwin" else 1 << 10),
            "answer": answer,
        }
        print(MARK + json.dumps(figures), flush=True)


def cpu_seconds() -> float:
    """CPU seconds of this process and its finished children so far."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usage = [resource.getrusage(kind) for kind in kinds]
    return sum(u.ru_utime + u.ru_stime for u in usage)


def run_job(script: Path, name: str, settings: dict[str, Any]) -> Figures:
    """Run a job in a fresh process and return what it cost."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(script), name, json.dumps(settings, default=str)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if done.returncode or not lines:
        raise SystemExit(f"job {name} {settings} ended with {done.returncode}:\n{done.stdout}")
    took_s = time.perf_counter() - began
    return Figures(**json.loads(lines[-1].removeprefix(MARK)), process_s=took_s)


def alternate(jobs: dict[str, Callable[[], Figures]], rounds: int) -> dict[str, list[Figures]]:
    """Run all jobs in turn, `rounds` times over, so that a busy machine is busy for all of them."""
    results: dict[str, list[Figures]] = {name: [] for name in jobs}
    for round_number in range(rounds):
        for name, job in jobs.items():
            print(f"  round {round_number + 1}/{rounds}: {name}", file=sys.stderr, flush=True)
            results[name].append(job())
    return results


def table(rows: list[list[str]]) -> str:
    """Rows as an aligned Markdown table; the first row is the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) + " |" for r in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * w for w in widths) + " |")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    import platform

    return {
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }
