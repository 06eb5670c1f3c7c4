"""Counts and times of requests, in the text form that Prometheus reads."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the classes of times."""


class Figures:
    """What was asked, how it ended, and how long it took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._classes: Counter[tuple[str, float]] = Counter()
        self._took_s: Counter[str] = Counter()
        self.running = 0
        self.started_s = time.time()

    def count(self, method: str, route: str, status: int, took_s: float) -> None:
        """One request has ended."""
        with self._lock:
            self._answers[method, route, status] += 1
            self._took_s[route] += took_s  # pyright: ignore[reportArgumentType]  # sums of floats
            for bound_s in BOUNDS_S:
                if took_s <= bound_s:
                    self._classes[route, bound_s] += 1

    def text(self, gauges: Mapping[str, float]) -> str:
        """All of it; `gauges` are told beside, by name."""
        with self._lock:
            lines = [
                "# HELP whenabouts_requests_total Requests by how they ended.",
                "# TYPE whenabouts_requests_total counter",
            ]
            for (method, route, status), count in sorted(self._answers.items()):
                labels = f'method="{method}",route="{route}",status="{status}"'
                lines.append(f"whenabouts_requests_total{{{labels}}} {count}")
            lines += [
                "# HELP whenabouts_request_seconds Time from the request to the end of its answer.",
                "# TYPE whenabouts_request_seconds histogram",
            ]
            for route in sorted(self._took_s):
                lines += self._histogram(route)
        known = {
            "whenabouts_requests_running": float(self.running),
            "whenabouts_uptime_seconds": time.time() - self.started_s,
            **gauges,
        }
        for name, value in known.items():
            lines += [f"# TYPE {name.partition('{')[0]} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"

    def _histogram(self, route: str) -> list[str]:
        name, label = "whenabouts_request_seconds", f'route="{route}"'
        total = sum(n for (_, where, _), n in self._answers.items() if where == route)
        lines = [
            f'{name}_bucket{{{label},le="{bound_s:g}"}} {self._classes[route, bound_s]}'
            for bound_s in BOUNDS_S
        ]
        return [
            *lines,
            f'{name}_bucket{{{label},le="+Inf"}} {total}',
            f"{name}_sum{{{label}}} {self._took_s[route]:.6f}",
            f"{name}_count{{{label}}} {total}",
        ]
