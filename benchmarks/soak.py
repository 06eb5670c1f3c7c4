"""Ten minutes of mixed requests while videos are indexed: `nice python benchmarks/soak.py`.

A library of shape world is served by `whenabouts serve` in a process of its own. Four clients
search, play, look, talk and export; a new video is put into the folder every half minute and an
index job is started for it, so that one nearly always runs. Told are the answers by status, the
memory of the server over time, and what became of every job. Ends with 1 when a job was lost or
failed, an answer began with 5, or memory grew by more than a tenth after the first fifth.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from measure import machine, table  # noqa: E402
from page import drawn  # noqa: E402
from serve_process import serving  # noqa: E402

WORDS = (
    "red blue green yellow cyan two star heart square circle moves jumps left right 红色 星星 爱心"
)
LOOK_S = 2.0
NEW_S = 30.0
WARM = 0.2
"""Share of the time in which memory may still grow."""
MOST_GROWTH = 0.10


class Client(threading.Thread):
    """Asks this and that until the end."""

    def __init__(self, url: str, seed: int, end_s: float, told: Counter[str]) -> None:
        super().__init__()
        self._rng = random.Random(seed)
        self._end_s, self._told = end_s, told
        self._http = httpx.Client(base_url=f"{url}/api/v1", timeout=120)
        self._chat = ""
        self.jobs: list[str] = []
        self.done = Counter[str]()
        self.faults: list[str] = []

    def run(self) -> None:
        """Until the end; what begins with 5 is kept."""
        videos = [one["id"] for one in self._http.get("/videos").json()["videos"]]
        acts = [self._search] * 8 + [self._look] * 5 + [self._say] * 2 + [self._work] + [self._ask]
        while time.monotonic() < self._end_s:
            try:
                self._rng.choice(acts)(self._rng.choice(videos))
            except httpx.HTTPError as error:
                self.faults.append(f"{type(error).__name__}: {error}")
            time.sleep(self._rng.uniform(0.0, 0.3))
        self._http.close()

    def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._http.request(method, path, **more)
        self._told[str(answer.status_code)] += 1
        if answer.status_code >= 500:
            self.faults.append(f"{answer.status_code} {method} {path}: {answer.text[:300]}")
        return answer

    def _words(self) -> str:
        return " ".join(self._rng.sample(WORDS.split(), 3))

    def _search(self, _: str) -> None:
        form = {"query": self._words(), "limit": 20, "floor": self._rng.choice([None, 0.0])}
        self._sent("POST", "/search", json=form)

    def _look(self, video: str) -> None:
        at = self._rng.uniform(0, 12)
        path = self._rng.choice(
            [
                f"/videos/{video}/picture?t={at:.2f}",
                f"/videos/{video}/picture?t={at:.2f}&exact=true",
                f"/videos/{video}/sprite",
                f"/videos/{video}/heat?q={self._words()}",
                f"/videos/{video}/texts",
                f"/videos/{video}/captions.vtt",
                "/videos?limit=60",
                "/library",
                "/metrics",
                "/health",
            ]
        )
        self._sent("GET", path)
        begin = self._rng.randrange(10_000)
        headers = {"range": f"bytes={begin}-{begin + 65535}"}
        self._sent("GET", f"/videos/{video}/file", headers=headers)

    def _say(self, _: str) -> None:
        if not self._chat or self._rng.random() < 0.1:
            self._chat = self._sent("POST", "/chats").json()["id"]
        text = self._rng.choice([f"find {self._words()}", "the second one", "多长？", "play it"])
        self._sent("POST", f"/chats/{self._chat}/turns", json={"text": text})

    def _work(self, video: str) -> None:
        to = self._rng.choice(["clip", "csv", "vtt", "otio", "edl", "fcpxml"])
        form = {"moments": [f"{video}@1-4"], "to": to, "wait_s": 50}
        answer = self._sent("POST", "/exports", json=form)
        self._worked(answer)
        if answer.status_code == 200:
            self._sent("GET", answer.json()["files"][0]["url"].removeprefix("/api/v1"))

    def _ask(self, video: str) -> None:
        form = {"video": video, "query": self._words(), "wait_s": 50}
        answer = self._sent("POST", self._rng.choice(["/ground", "/highlights"]), json=form)
        self._worked(answer)

    def _worked(self, answer: httpx.Response) -> None:
        """Ended while we waited, or to be looked after: the server remembers 500 ended jobs."""
        if answer.status_code == 202:
            self.jobs.append(answer.headers["location"].rsplit("/", 1)[-1])
        else:
            self.done["done" if answer.status_code == 200 else "failed"] += 1


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def main() -> None:
    """Soak and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "soak.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = _soak(Path(folder), options)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(table([["figure", "value"], *([key, str(value)] for key, value in result.items()
                                        if key not in ("machine", "rss_mb"))]))  # fmt: skip
    lost = result["jobs"].get("done", 0) != sum(result["jobs"].values())
    if lost or result["faults"] or result["growth"] > MOST_GROWTH:
        raise SystemExit("the soak found something")


def _soak(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    library = drawn(folder, videos=6)
    more = drawn_videos(folder / "more", max(2, int(options.minutes * 60 / NEW_S)))
    about = machine()
    told: Counter[str] = Counter()
    with serving(library) as (process, url):
        began_s = time.monotonic()
        end_s = began_s + 60 * options.minutes
        clients = [Client(url, seed, end_s, told) for seed in range(options.clients)]
        for client in clients:
            client.start()
        jobs, memory = _meanwhile(process.pid, url, folder, more, end_s)
        for client in clients:
            client.join()
        jobs += [job for client in clients for job in client.jobs]
        states = Counter(_ended(url, job) for job in jobs)
        for client in clients:
            states += client.done
        videos = httpx.get(f"{url}/api/v1/videos", timeout=60).json()["total"]
    warm = [mb for time_s, mb in memory if time_s > WARM * 60 * options.minutes]
    third = max(1, len(warm) // 3)
    first, last = statistics.median(warm[:third]), statistics.median(warm[-third:])
    return {
        "machine": about,
        "minutes": options.minutes,
        "answers": dict(sorted(told.items())),
        "faults": [one for client in clients for one in client.faults][:20],
        "jobs": dict(states),
        "videos": videos,
        "rss_first_mb": round(first, 1),
        "rss_last_mb": round(last, 1),
        "growth": round(last / first - 1, 4),
        "rss_mb": [[round(time_s), round(mb, 1)] for time_s, mb in memory],
    }


def drawn_videos(folder: Path, count: int) -> list[Path]:
    """Videos that come later."""
    drawn(folder, videos=count, seed=7, index=False)
    return sorted((folder / "shapes").glob("*.mp4"))


def _meanwhile(
    pid: int, url: str, folder: Path, more: list[Path], end_s: float
) -> tuple[list[str], list[tuple[float, float]]]:
    """New videos and their index jobs; the memory of the server beside."""
    began_s, jobs, memory = time.monotonic(), [], []
    next_s = began_s
    waiting = list(more)
    while time.monotonic() < end_s:
        memory.append((time.monotonic() - began_s, rss_mb(pid)))
        if time.monotonic() >= next_s and waiting:
            new = waiting.pop()
            shutil.copy(new, folder / "shapes" / f"new-{len(waiting)}.mp4")
            answer = httpx.post(f"{url}/api/v1/library/index", json={"speech": False}, timeout=60)
            jobs.append(answer.json()["id"])
            next_s += NEW_S
        time.sleep(LOOK_S)
    return jobs, memory


def _ended(url: str, job: str) -> str:
    """How a job ended; the last index run may still go on."""
    while True:
        answer = httpx.get(f"{url}/api/v1/jobs/{job}", timeout=60)
        if answer.status_code == 404:
            return "lost"
        if answer.json()["ended_s"]:
            return answer.json()["state"]
        time.sleep(0.5)


if __name__ == "__main__":
    main()
