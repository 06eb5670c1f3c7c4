"""What indexing costs, against the bare work it cannot avoid.

    python benchmarks/indexing.py                    # all parts, about half an hour on 2 cores
    python benchmarks/indexing.py --parts cost       # only one of: cost, memory, again
    python benchmarks/indexing.py --encoder base     # random weights of ViT-B/32 size

cost    CPU and wall seconds of an index run (without on-screen text and speech) against the bare
        decode of the same files by the same decoder at the same sampling plus the bare encode of
        the same frames, and against a plain OpenCV loop with the same encoder; the first pass;
        with and without leaving out frames that look alike, and what that does to search.
memory  Largest resident memory against the length of the video.
again   A second run over 10,000 unchanged files.

Ratios are taken within a round; rounds alternate; medians are told. Results go to
benchmarks/results/indexing.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from encoders import encoder_folder
from inputs import noisy_clip, repeated, shapes, slides, tiny_pictures
from measure import Figures, alternate, machine, run_job, table

HERE = Path(__file__).parent
JOBS = HERE / "indexing_jobs.py"
VISUAL = ["keyframes", "frames"]
TARGETS = {
    "CPU of the index / (decode + encode)": 1.2,
    "wall / CPU of the index": 0.65,
    "first pass / full index": 0.15,
    "CPU with alike frames left out / (decode + encode)": 1.0,
    "peak MB of a 2-hour video": 1536.0,
    "seconds for 10,000 unchanged files": 5.0,
}


def main() -> None:
    """Run the chosen parts, print their tables, write the figures."""
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    encoder = encoder_folder(options.encoder, options.cache)
    results: dict[str, Any] = {"machine": machine(), "encoder": options.encoder}
    for part in options.parts:
        print(f"\n## {part}\n")
        results[part] = PARTS[part](options, encoder)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    known[options.encoder] = {**known.get(options.encoder, {}), **results}
    options.out.write_text(json.dumps(known, indent=1) + "\n")
    print(f"\nwritten to {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--encoder", default="tiny-clip", choices=["tiny-clip", "small", "base"])
    parser.add_argument("--seconds", type=int, default=240, help="of each video of `cost`")
    parser.add_argument("--shapes", type=int, default=30, help="shape-world videos of `cost`")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 10, 60, 120])
    parser.add_argument("--files", type=int, default=10_000, help="of `again`")
    parser.add_argument("--cache", type=Path, default=Path("runs/benchmark-inputs"))
    parser.add_argument("--out", type=Path, default=HERE / "results" / "indexing.json")
    return parser.parse_args()


def cost(options: argparse.Namespace, encoder: str) -> dict[str, Any]:
    """CPU and wall seconds of index, first pass, bare work and OpenCV, for each set of files."""
    sets = {
        "720p, a key frame every 250": [_noisy(options, 250)],
        "720p, a key frame every 30": [_noisy(options, 30)],
        "720p, slides": [_slides(options)],
        "240p, shape world": shapes(options.cache / "shapes", options.shapes),
    }
    rows = [["files", "what", "CPU s", "wall s", "frames", "CPU / (decode + encode)", "wall / CPU"]]
    results: dict[str, Any] = {}
    for name, paths in sets.items():
        given = {"files": [str(p) for p in paths], "encoder": encoder}
        runs = alternate(_jobs(given, str(options.cache / "cost.lib")), options.rounds)
        results[name] = _ratios(runs) | {"search": _recall(given, options)}
        rows += [_cost_row(name, what, runs) for what in runs]
    print(table(rows) + "\n")
    print(table([["files", *next(iter(results.values()))["ratios"]], *_ratio_rows(results)]))
    return results


def _jobs(given: dict[str, Any], library: str) -> dict[str, Callable[[], Figures]]:
    """The jobs of one round of `cost`, by what the table calls them."""
    job = partial(run_job, JOBS)
    return {
        "decode": lambda: job("decode", given),
        "encode": lambda: job("encode", given),
        "OpenCV loop": lambda: job("opencv", given),
        "first pass": lambda: job("index", _index(given, library, VISUAL[:1], None)),
        "index": lambda: job("index", _index(given, library, VISUAL, 0.0)),
        "index, alike left out": lambda: job("index", _index(given, library, VISUAL, None)),
    }


def _index(
    given: dict[str, Any], library: str, passes: list[str], alike_grey: float | None
) -> dict[str, Any]:
    return {**given, "library": library, "passes": passes, "alike_grey": alike_grey}


def _recall(given: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Search with every frame encoded and with alike ones left out.

    In words, where there are some whose truth is known and an encoder that knows words; by frames
    at random times elsewhere.
    """
    found: dict[str, Any] = {}
    truth = Path(given["files"][0]).with_name("truth.jsonl")
    for name, alike in (("every frame", 0.0), ("alike left out", None)):
        asked = {"encoder": given["encoder"], "library": str(options.cache / "recall.lib")}
        run_job(JOBS, "index", _index(given, asked["library"], VISUAL, alike))
        if truth.exists() and options.encoder == "tiny-clip":
            found[name] = run_job(JOBS, "recall_words", {**asked, "truth": str(truth)}).answer
        else:
            settings = {**asked, "files": given["files"], "probes": 60}
            found[name] = run_job(JOBS, "recall_frames", settings).answer
    print("\n".join(f"search, {name}: {figures}" for name, figures in found.items()))
    return found


def _ratios(runs: dict[str, list[Figures]]) -> dict[str, Any]:
    """Medians over rounds of ratios within a round."""
    rounds = [dict(zip(runs, figures, strict=True)) for figures in zip(*runs.values(), strict=True)]
    bare = [r["decode"].cpu_s + r["encode"].cpu_s for r in rounds]

    def over(what: str, below: list[float]) -> float:
        return median(r[what].cpu_s / b for r, b in zip(rounds, below, strict=True))

    return {
        "ratios": {
            "CPU of the index / (decode + encode)": over("index", bare),
            "wall / CPU of the index": median(r["index"].wall_s / r["index"].cpu_s for r in rounds),
            "first pass / full index": over("first pass", [r["index"].cpu_s for r in rounds]),
            "CPU with alike frames left out / (decode + encode)": over(
                "index, alike left out", bare
            ),
            "CPU of the index / OpenCV loop": over(
                "index", [r["OpenCV loop"].cpu_s for r in rounds]
            ),
        },
        "runs": {name: [asdict(f) for f in figures] for name, figures in runs.items()},
    }


def _cost_row(name: str, what: str, runs: dict[str, list[Figures]]) -> list[str]:
    figures = runs[what]
    cpu_s, wall_s = median(f.cpu_s for f in figures), median(f.wall_s for f in figures)
    bare = median(f.cpu_s for f in runs["decode"]) + median(f.cpu_s for f in runs["encode"])
    frames = str(figures[0].answer.get("frames", ""))
    return [name, what, f"{cpu_s:.2f}", f"{wall_s:.2f}", frames, f"{cpu_s / bare:.2f}",
            f"{wall_s / cpu_s:.2f}"]  # fmt: skip


def _ratio_rows(results: dict[str, Any]) -> list[list[str]]:
    rows = [[name, *(f"{v:.2f}" for v in r["ratios"].values())] for name, r in results.items()]
    goals = [TARGETS.get(name) for name in next(iter(results.values()))["ratios"]]
    return [*rows, ["at most", *("" if goal is None else f"{goal:g}" for goal in goals)]]


def memory(options: argparse.Namespace, encoder: str) -> dict[str, Any]:
    """Peak resident memory of an index run on ever longer videos."""
    base = noisy_clip(options.cache / "memory-base.mp4", 60, 50, (1280, 720), fps=5)
    rows = [["minutes", "peak MB", "CPU s", "wall s", "frames encoded"]]
    results: dict[str, Any] = {}
    for minutes in options.minutes:
        path = repeated(base, options.cache / f"memory-{minutes}min.mp4", 60 * minutes)
        given = {"files": [str(path)], "encoder": encoder}
        library = str(options.cache / "memory.lib")
        figures = run_job(JOBS, "index", _index(given, library, VISUAL, 0.0))
        results[str(minutes)] = asdict(figures)
        rows.append([str(minutes), f"{figures.peak_mb:.0f}", f"{figures.cpu_s:.1f}",
                     f"{figures.wall_s:.1f}", str(figures.answer["frames"])])  # fmt: skip
    print(table(rows))
    return results


def again(options: argparse.Namespace, encoder: str) -> dict[str, Any]:
    """First and second run over many small files."""
    folder = tiny_pictures(options.cache / "pictures", options.files)
    given = {"files": [str(folder)], "encoder": encoder}
    library = str(options.cache / "again.lib")
    first = run_job(JOBS, "index", _index(given, library, VISUAL, None))
    settings = {"folder": str(folder), "encoder": encoder, "library": library}
    second = [run_job(JOBS, "again", settings) for _ in range(options.rounds)]
    rows = [["run", "CPU s", "wall s", "wall s with start-up"]]
    for name, figures in (("first", first), *(("again", figures) for figures in second)):
        rows.append([name, f"{figures.cpu_s:.2f}", f"{figures.wall_s:.2f}",
                     f"{figures.process_s:.2f}"])  # fmt: skip
    print(table(rows))
    return {
        "files": options.files,
        "first": asdict(first),
        "again": [asdict(figures) for figures in second],
    }


def _noisy(options: argparse.Namespace, gop: int) -> Path:
    base = noisy_clip(options.cache / f"noisy-{gop}-base.mp4", 40, gop, (1280, 720))
    return repeated(base, options.cache / f"noisy-{gop}-{options.seconds}.mp4", options.seconds)


def _slides(options: argparse.Namespace) -> Path:
    return slides(options.cache / f"slides-{options.seconds}.mp4", options.seconds, (1280, 720))


PARTS = {"cost": cost, "memory": memory, "again": again}

if __name__ == "__main__":
    main()
