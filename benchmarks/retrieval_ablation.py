"""Which way of comparing words with frames learns most: the same recipe, budget and data.

    python benchmarks/retrieval_ablation.py --out docs/results/text_video_retrieval.md
    python benchmarks/retrieval_ablation.py --table-only --out docs/results/text_video_retrieval.md

Draws a folder of shape world in MSR-VTT's form (once), trains every variant with every seed, and
writes the table. What is done is not done again: a killed run goes on at its last checkpoint. Each
run says what is left; on two cores a run of the recipe as it stands takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure import machine
from numpy.typing import NDArray

from whenabouts.settings import Settings
from whenabouts.shapeworld.make import make
from whenabouts.train.about import ABOUT
from whenabouts.train.retrieval import EVALUATION, run
from whenabouts.train.retrieval_recipe import RetrievalRecipe

RECIPE = Path(__file__).parents[1] / "recipes" / "shapes-retrieval.toml"
VARIANTS: dict[str, tuple[str, ...]] = {
    "DP": ("head.interaction=dp",),
    "TI": ("head.interaction=ti",),
    "WTI": ("head.interaction=wti",),
    "WTI + CDCR": ("head.interaction=wti", "loss.decorrelation.rows=weighted"),
}
PAIRS = (("TI", "DP"), ("WTI", "DP"), ("WTI", "TI"), ("WTI + CDCR", "WTI"))
"""Differences that are reported: first minus second."""
WAYS = {"text_to_video": "text to video", "video_to_text": "video to text"}
CUTS = (1, 5, 10)
RESAMPLES = 5000


class Study(Settings):
    """What is run."""

    runs: Path
    folder: Path
    videos: int
    data_seed: int
    duration_s: tuple[float, float]
    """Shortest and longest video."""
    seeds: tuple[int, ...]
    more: tuple[str, ...] = ()
    """Further settings for every run."""


@dataclass(frozen=True)
class Result:
    """Ranks of one variant: `ranks[way]` [seeds, queries], 0-based."""

    ranks: dict[str, NDArray[np.float64]]

    def recall(self, way: str, cut: int) -> NDArray[np.float64]:
        """Percent, [seeds, queries]: 0 or 100."""
        return 100.0 * (self.ranks[way] < cut)


def name_of(variant: str, seed: int) -> str:
    """Of a run."""
    return f"{variant.lower().replace(' + ', '-')}-{seed}"


def train_all(study: Study) -> None:
    """Every run that is not done, seeds outside: a study that is stopped early stays balanced."""
    if not study.folder.exists():
        print(f"drawing {study.videos} videos", flush=True)
        draft = study.folder.with_suffix(".part")
        shutil.rmtree(draft, ignore_errors=True)
        make(
            draft,
            "msrvtt",
            videos=study.videos,
            seed=study.data_seed,
            duration_s=study.duration_s,
        )
        draft.rename(study.folder)
    jobs = [(variant, seed) for seed in study.seeds for variant in VARIANTS]
    todo = [job for job in jobs if not (figures_of(study, *job)).exists()]
    print(f"{len(jobs) - len(todo)} of {len(jobs)} runs are done", flush=True)
    began = time.monotonic()
    for done, (variant, seed) in enumerate(todo):
        run(RECIPE, overwrites(study, variant, seed), runs=study.runs, on_progress=None)
        each_s = (time.monotonic() - began) / (done + 1)
        left = len(todo) - done - 1
        print(
            f"{variant}, seed {seed}: done in {each_s:.0f} s a run; {left} runs left, about "
            f"{left * each_s / 60:.0f} min",
            flush=True,
        )


def overwrites(study: Study, variant: str, seed: int) -> list[str]:
    """What a run changes of the recipe."""
    return [
        f"name={name_of(variant, seed)}",
        f"data.folder={study.folder}",
        f"cache={study.runs / 'frames'}",
        *(f"{key}={seed}" for key in ("seed", "loader.seed", "loop.seed")),
        *VARIANTS[variant],
        "export=false",
        "evaluate.worst=0",
        *study.more,
    ]


def figures_of(study: Study, variant: str, seed: int) -> Path:
    """There once a run is done."""
    return study.runs / name_of(variant, seed) / EVALUATION / "figures.json"


def read_all(study: Study) -> dict[str, Result]:
    """Ranks of all variants whose runs are all there."""
    found: dict[str, Result] = {}
    for variant in VARIANTS:
        folders = [study.runs / name_of(variant, seed) for seed in study.seeds]
        missing = [f.name for f in folders if not (f / EVALUATION / "figures.json").exists()]
        if missing:
            sys.exit(
                f"no figures of {', '.join(missing)} in {study.runs}; run without --table-only"
            )
        rows = [predictions(folder) for folder in folders]
        ranks = {
            way: np.array(
                [[r["better"] + r["equal"] / 2 for r in some if r["task"] == way] for some in rows]
            )
            for way in WAYS
        }
        found[variant] = Result(ranks)
    return found


def predictions(folder: Path) -> list[dict[str, float | str]]:
    """Of one run, in the order of the test."""
    text = (folder / EVALUATION / "predictions.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def bounds(hits_SQ: NDArray[np.float64]) -> tuple[float, float]:
    """95 percent interval of the mean over seeds and queries, both drawn anew."""
    random = np.random.default_rng(0)
    seeds, queries = hits_SQ.shape
    means = [
        hits_SQ[random.integers(seeds, size=seeds)][
            :, random.integers(queries, size=queries)
        ].mean()
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def told(hits_SQ: NDArray[np.float64], sign: bool = False) -> str:
    """Mean and interval."""
    low, high = bounds(hits_SQ)
    form = "+.1f" if sign else ".1f"
    return f"{hits_SQ.mean():{form}} ({low:{form}} to {high:{form}})"


def page(study: Study, results: dict[str, Result], command: str) -> str:
    """The whole page; every sentence about the outcome follows from the figures."""
    recipe = RetrievalRecipe.read(RECIPE, overwrites(study, "WTI", study.seeds[0]))
    first = results["DP"].ranks["text_to_video"]
    about = study.runs / name_of("DP", study.seeds[0]) / ABOUT
    made = json.loads(about.read_text(encoding="utf-8"))["parts"][-1]
    lines = [
        "# Text-video retrieval: which interaction learns most",
        "",
        "Made by",
        "",
        "```",
        command,
        "```",
        "",
        f"Shape world in the form of MSR-VTT: {study.videos} videos of {study.duration_s[0]:g} to "
        f"{study.duration_s[1]:g} s drawn with seed {study.data_seed}, {first.shape[1]} of them "
        f"the test. `recipes/{RECIPE.name}` for every run: start `{recipe.start}` (towers only), "
        f"{recipe.loop.steps} steps of {recipe.loader.batch} pairs with {recipe.frames.limit} "
        f"frames, seeds {', '.join(map(str, study.seeds))}; last weights, no choice on any split.",
        "",
        "The towers of `tiny-clip` were trained with WTI, which may favour it here.",
        "",
        "Recall in percent: mean over seeds, 95 % interval over seeds and queries drawn anew "
        f"({RESAMPLES:,} times).",
    ]
    for way, title in WAYS.items():
        lines += ["", f"## {title.capitalize()}", ""]
        lines += ["| | " + " | ".join(f"R@{cut}" for cut in CUTS) + " | MdR |"]
        lines += ["|---" * (len(CUTS) + 2) + "|"]
        for variant, result in results.items():
            cells = [told(result.recall(way, cut)) for cut in CUTS]
            median = f"{np.mean(np.median(result.ranks[way], axis=1)) + 1:.1f}"
            lines.append(f"| {variant} | {' | '.join(cells)} | {median} |")
        lines += ["", "| R@1 | difference | |", "|---|---|---|"]
        for one, other in PAIRS:
            apart = results[one].recall(way, 1) - results[other].recall(way, 1)
            low, high = bounds(apart)
            verdict = "better" if low > 0 else "worse" if high < 0 else "not told apart"
            lines.append(f"| {one} − {other} | {told(apart, sign=True)} | {verdict} |")
    lines += [
        "",
        "The published order on MSR-VTT is WTI over TI over DP, and CDCR adds to each.",
        "",
        f"whenabouts {made['whenabouts']} ({made['commit']}), torch {made['torch']}, "
        f"{made['device']}, {machine()['cores']} cores.",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Train what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--folder", type=Path, default=Path("runs/ablation-shapes"))
    parser.add_argument("--videos", type=int, default=1500)
    parser.add_argument("--data-seed", type=int, default=5)
    parser.add_argument("--seconds", type=float, nargs=2, default=[6.0, 12.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--out", type=Path, default=Path("docs/results/text_video_retrieval.md"))
    parser.add_argument("--table-only", action="store_true", help="train nothing")
    parser.add_argument("more", nargs="*", metavar="KEY=VALUE", help="settings for every run")
    given = parser.parse_args(arguments)
    study = Study(
        runs=given.runs,
        folder=given.folder,
        videos=given.videos,
        data_seed=given.data_seed,
        duration_s=(given.seconds[0], given.seconds[1]),
        seeds=tuple(given.seeds),
        more=tuple(given.more),
    )
    if not given.table_only:
        train_all(study)
    kept = [word for word in arguments if word != "--table-only"]
    command = " ".join(["python", "benchmarks/retrieval_ablation.py", *kept])
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(page(study, read_all(study), command), encoding="utf-8")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main(sys.argv[1:])
