"""How quick the server and its page are: `python benchmarks/serve.py --folder scratch/serve`.

A made-up library of 100 thousand moments (see `search_data.py`; its encoder costs nothing, for the
network is not what is measured) is served by a process of its own. In a real Chromium, words are
typed key by key, and the time from each key to the frame that shows its results is taken; hits in
a drawn 1080p film are clicked (see `serve_film.py`), and the time until something of the moment is
seen, and until its own first frame is, are taken; 50 searchers ask as fast as they get answers.
Prints a table and writes `benchmarks/results/serve.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "tests" / "e2e")]

DIMS = 512
QUERIES = 200
AIMS = {
    "key_to_results_ms": 150,
    "first_frame_at_once_ms": 300,
    "first_frame_pointer_ms": 300,
    "first_frame_rested_ms": 300,
    "searchers_p95_ms": 1000,
    "page_bytes": 300_000,
}

WATCH = """
window.took = [];
let pressed = 0;
addEventListener("keydown", (e) => { pressed = e.key.length === 1 ? e.timeStamp : pressed; }, true);
new MutationObserver(() => {
  if (!pressed || !document.querySelector("#browse .card, #browse .reason")) return;
  const began = pressed;
  pressed = 0;
  requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - began)));
}).observe(document.getElementById("browse"), { childList: true });
"""


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="Libraries are kept here.")
    parser.add_argument("--moments", type=int, default=100_000)
    parser.add_argument("--searchers", type=int, default=50)
    parser.add_argument("--each", type=int, default=10, help="Searches of each searcher.")
    parser.add_argument("--words", type=int, default=4, help="Queries that are typed.")
    parser.add_argument("--plays", type=int, default=12, help="Moments opened in each way.")
    parser.add_argument("--mbit", type=float, default=8, help="Bit rate of the film.")
    parser.add_argument("--key-s", type=float, default=4, help="Its key frames, at most.")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "serve.json")
    parser.add_argument("--serve", choices=("made-up", "film"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        _serve(options)
        return
    from measure import machine, table
    from serve_film import facts_of, played

    options.folder.mkdir(parents=True, exist_ok=True)
    _build(options)
    result: dict[str, Any] = {"machine": machine(), "moments": options.moments}
    with _served(options, "made-up") as (process, url):
        result |= _told(_searched(url, options, process.pid))
        result |= _told(_typed(url, options.words))
    with _served(options, "film") as (_, url):
        result |= _told(facts_of(_film_folder(options) / "films" / "wide.mp4"))
        result |= _told(played(url, options.plays))
    result["machine"]["load_after"] = os.getloadavg()[0]
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    rows = [["figure", "value", "aim"]]
    rows += [
        [key, str(value), str(AIMS.get(key.removesuffix("_p95"), AIMS.get(key, "")))]
        for key, value in result.items()
        if key != "machine"
    ]
    print(table(rows))
    print(result["machine"])


def _told(part: dict[str, Any]) -> dict[str, Any]:
    print(part, file=sys.stderr, flush=True)
    return part


# The libraries


def _world(moments: int) -> Any:
    from search_data import Sizes, World

    return World(Sizes(moments, DIMS))


def _build(options: argparse.Namespace) -> None:
    made_up, film = options.folder / f"made-up-{options.moments}", _film_folder(options)
    if not (made_up / "done").exists():
        _made_up(made_up, options.moments)
    if not (film / "done").exists():
        _film(film, options)


def _made_up(folder: Path, moments: int) -> None:
    import dataclasses

    from search_data import indexed, mark

    from whenabouts.media.preview import jpeg
    from whenabouts.store.store import Store

    world = _world(moments)
    picture = jpeg(np.full((90, 160, 3), (40, 90, 120), np.uint8), 160)
    with Store(folder / "x.lib", "w", encoder=mark(world.sizes)) as store:
        for first, vectors, words in world.blocks():
            items = []
            for at, both in enumerate(zip(vectors, words, strict=True)):
                one = indexed(first + at, *both)
                shots = tuple(dataclasses.replace(p, jpeg=picture) for p in one.pictures)
                items.append(dataclasses.replace(one, pictures=shots))
            for at in range(0, len(items), 64):
                store.put(items[at : at + 64])
        store.optimize(keep_s=0)
    (folder / "done").touch()


def _film(folder: Path, options: argparse.Namespace) -> None:
    from fakes import ColourEncoder
    from serve_film import make_film

    from whenabouts.library.library import open_library

    (folder / "films").mkdir(parents=True, exist_ok=True)
    make_film(folder / "films" / "wide.mp4", options.mbit, options.key_s)
    with open_library(folder / "x.lib", ColourEncoder()) as library:
        library.add(folder / "films", readers=[])
    (folder / "done").touch()


def _film_folder(options: argparse.Namespace) -> Path:
    return options.folder / f"film-{options.mbit:g}-{options.key_s:g}"


def _serve(options: argparse.Namespace) -> None:
    """In a process of its own: until its input ends."""
    from serving import listening

    from whenabouts.library.library import open_library

    if options.serve == "film":
        from fakes import ColourEncoder

        encoder, folder = ColourEncoder(), _film_folder(options)
    else:
        from search_data import MadeUpEncoder

        world = _world(options.moments)
        vectors, texts = world.queries(QUERIES)
        encoder = MadeUpEncoder(world.sizes, dict(zip(texts, vectors, strict=True)))
        folder = options.folder / f"made-up-{options.moments}"
    with (
        open_library(folder / "x.lib", encoder, create=False) as library,
        listening(library, rate_hz=1e6, burst=10**6) as url,
    ):
        print(url, flush=True)
        sys.stdin.read()


@contextmanager
def _served(options: argparse.Namespace, which: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [
            *(sys.executable, str(Path(__file__).resolve()), "--serve", which),
            *("--folder", str(options.folder), "--moments", str(options.moments)),
            *("--mbit", str(options.mbit), "--key-s", str(options.key_s)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        url = process.stdout.readline().strip()
        _ask(url, {"query": "warm", "floor": 0.0})
        yield process, url
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


# What is measured


def _typed(url: str, words: int) -> dict[str, Any]:
    """From a key to its results, and the weight of the page."""
    from browser import chromium, page_of

    texts = _world(1000).queries(QUERIES)[1]
    with chromium() as browser, page_of(browser, url) as page:
        answers: list[Any] = []
        page.on("response", lambda one: answers.append(one))
        page.goto("/", wait_until="networkidle")
        weight = sum(len(one.body()) for one in answers if "/videos/" not in one.url)
        page.evaluate(WATCH)
        page.focus("#q")
        for text in texts[:words]:
            page.keyboard.press("Control+A")
            for letter in text[:12]:
                before = page.evaluate("window.took.length")
                page.keyboard.press("Space" if letter == " " else letter)
                for _ in range(200):
                    if page.evaluate("window.took.length") > before:
                        break
                    page.wait_for_timeout(10)
                page.wait_for_timeout(200)
        took = page.evaluate("window.took")
        # Made-up videos have no files: the very frames of hits, shown after a while, are missing.
        assert not [one for one in page.told if "404" not in one], page.told[:3]
    return {
        "keys": len(took),
        "key_to_results_ms_p50": _part(took, 50),
        "key_to_results_ms_p95": _part(took, 95),
        "page_bytes": weight,
    }


def _searched(url: str, options: argparse.Namespace, pid: int) -> dict[str, Any]:
    """Many searchers at once, none of whom waits between two searches."""
    texts = _world(1000).queries(QUERIES)[1]
    took: list[float] = []
    faults: list[str] = []

    def search(number: int) -> None:
        for at in range(options.each):
            words = texts[(number * options.each + at) % len(texts)].split()
            began_s = time.perf_counter()
            status = _ask(url, {"query": f"{words[at % 3]} {number}", "floor": 0.0, "limit": 20})
            took.append((time.perf_counter() - began_s) * 1000)
            if status != 200:
                faults.append(str(status))

    cpu_s, began_s = _cpu_s(pid), time.perf_counter()
    threads = [threading.Thread(target=search, args=(n,)) for n in range(options.searchers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall_s = time.perf_counter() - began_s
    cpu_s = _cpu_s(pid) - cpu_s
    return {
        "searchers": options.searchers,
        "searches": len(took),
        "searchers_p50_ms": _part(took, 50),
        "searchers_p95_ms": _part(took, 95),
        "searchers_faults": len(faults),
        "searchers_wall_s": round(wall_s, 2),
        "cpu_ms_a_search": round(cpu_s / len(took) * 1000, 2),
        "cores_had": round(cpu_s / wall_s, 2),
    }


def _ask(url: str, form: dict[str, Any]) -> int:
    line = HTTPConnection(url.removeprefix("http://"), timeout=120)
    try:
        body = json.dumps(form)
        line.request("POST", "/api/v1/search", body, {"content-type": "application/json"})
        answer = line.getresponse()
        answer.read()
        return answer.status
    finally:
        line.close()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _part(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 1)


if __name__ == "__main__":
    main()
