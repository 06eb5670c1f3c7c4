"""What the choice of frames is worth: SeViLA stage by stage, and who finds moments best.

    python benchmarks/localize_ablation.py --seeds 1 2 3 --out docs/results/localize_then_answer.md
    python benchmarks/localize_ablation.py --table-only --out docs/results/localize_then_answer.md

Trains the stages of the tiny SeViLA with every seed, asks each stage's model the same
questions about videos that no training sees, and asks every system of `--systems` for the moments
of the same queries. What is done is not done again: a killed run goes on at its last checkpoint.
Settings behind `--` change every training; the page then names them in its command.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from grounding_ablation import bounds
from measure import machine, table
from numpy.typing import NDArray

from whenabouts.evaluate.questions import QuestionSettings
from whenabouts.evaluate.questions import evaluate as ask_all
from whenabouts.evaluate.report import write_report
from whenabouts.evaluate.watching import WatchingSettings
from whenabouts.evaluate.watching import evaluate as watch
from whenabouts.library.watchers import open_watcher
from whenabouts.systems.sevila import open_answerer
from whenabouts.train.sevila import run
from whenabouts.train.sevila_recipe import SevilaRecipe

RECIPES = Path(__file__).parents[1] / "recipes"
STAGES = ("sight", "start", "localizer", "refine", "answerer")
LOCALIZERS = {
    "zero-shot": "start",
    "pre-trained": "localizer",
    "self-refined": "refine",
    "self-refined, answerer fine-tuned": "answerer",
}
"""Name on the page, and the stage whose model it is."""
KEY_FRAMES = (1, 2, 4, 8)
PRECISION = "float32"
"""Checkpoints are stored small; the processor computes in full."""
ANSWERS, MOMENTS = "answers", "moments"


@dataclass(frozen=True)
class Study:
    """What is run."""

    runs: Path
    seeds: tuple[int, ...]
    questions: int
    videos: int
    systems: tuple[str, ...]
    more: tuple[str, ...]

    def model(self, stage: str, seed: int) -> Path:
        """The folder of a trained stage."""
        return self.runs / f"{stage}-{seed}" / "checkpoint"

    def answers(self, stage: str, seed: int, key_frames: int) -> Path:
        """The answers of a stage's model."""
        return self.runs / f"{stage}-{seed}" / f"{ANSWERS}-{key_frames}"


def main(arguments: Sequence[str]) -> None:
    """Train and ask what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/localize"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--questions", type=int, default=400, help="of the test")
    parser.add_argument("--videos", type=int, default=40, help="whose moments are asked for")
    parser.add_argument(
        "--systems",
        nargs="+",
        default=["peaks", "tiny-moment-detr", "tiny-vtgllm"],
        help="who is asked for moments, beside the SeViLA of the first seed",
    )
    parser.add_argument("--out", type=Path, default=Path("docs/results/localize_then_answer.md"))
    parser.add_argument("--table-only", action="store_true", help="train and ask nothing")
    parser.add_argument("more", nargs="*", metavar="KEY=VALUE", help="settings of every training")
    given = parser.parse_args(arguments)
    study = Study(
        given.runs, tuple(given.seeds), given.questions, given.videos, tuple(given.systems),
        tuple(given.more),
    )  # fmt: skip
    if not given.table_only:
        work(study)
    kept = [word for word in arguments if word != "--table-only"]
    text = page(study, " ".join(["python", "benchmarks/localize_ablation.py", *kept]))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text, encoding="utf-8")
    print(f"wrote {given.out}")


def work(study: Study) -> None:
    """Seed by seed, so that a study that is stopped early stays balanced."""
    for seed in study.seeds:
        for place, stage in enumerate(STAGES):
            begin = [f"start.folder={study.model(STAGES[place - 1], seed)}"] if place else []
            run(
                RECIPES / f"tiny-sevila-{stage}.toml",
                [
                    f"name={stage}-{seed}",
                    *(f"{key}={seed}" for key in ("seed", "loader.seed", "loop.seed")),
                    f"eyes={study.runs / 'eyes'}",
                    *begin,
                    *study.more,
                ],
                runs=study.runs,
            )
            counts = KEY_FRAMES if stage == STAGES[-1] else (4,)
            if stage == "sight":
                continue  # it answers nothing yet
            for count in counts:
                _ask(study, stage, seed, count)
                print(f"seed {seed}, {stage}, {count} key frames: asked", flush=True)
    for system in systems(study):
        _watch(study, system)
        print(f"{system}: moments asked", flush=True)


def systems(study: Study) -> dict[str, str]:
    """Who is asked for moments: name on the page, and what opens it."""
    named = {name: name for name in study.systems}
    return {**named, "tiny-sevila": str(study.model(STAGES[-1], study.seeds[0]))}


def _asked(study: Study, key_frames: int) -> QuestionSettings:
    path = RECIPES / "tiny-sevila-questions.toml"
    changes = [
        f"evaluate.questions={study.questions}",
        f"evaluate.data.drawn.videos={study.questions}",
        f"evaluate.key_frames={key_frames}",
    ]
    return QuestionSettings.read(path, changes, table="evaluate")


def _ask(study: Study, stage: str, seed: int, key_frames: int) -> None:
    place = study.answers(stage, seed, key_frames)
    if place.exists():
        return
    settings = _asked(study, key_frames)
    began = time.process_time()
    report = ask_all(open_answerer(study.model(stage, seed), PRECISION), settings)
    each_ms = 1000 * (time.process_time() - began) / len(report.predictions) / len(settings.ways)
    _keep(place, report, {"settings": settings.model_dump(mode="json"), "ms": each_ms})


def _watch(study: Study, system: str) -> None:
    place = study.runs / MOMENTS / system
    if place.exists():
        return
    settings = WatchingSettings.read(
        RECIPES / "watching.toml",
        [
            f"evaluate.videos={study.videos}",
            'evaluate.tasks=["moment retrieval"]',
            f"evaluate.folder={study.runs / 'videos'}",
        ],
        table="evaluate",
    )
    watcher = open_watcher(systems(study)[system], device="cpu", precision=PRECISION)
    began = time.process_time()
    report = watch(watcher, settings)
    each_ms = 1000 * (time.process_time() - began) / len(report.predictions)
    _keep(place, report, {"settings": settings.model_dump(mode="json"), "ms": each_ms})


def _keep(place: Path, report: Any, facts: dict[str, Any]) -> None:
    """The folder appears whole or not at all."""
    draft = place.with_suffix(".part")
    write_report(report, facts, draft)
    draft.rename(place)


# The page.


@dataclass(frozen=True)
class Hits:
    """Right answers [seeds, questions] by way, and the video of each question."""

    by_way: dict[str, NDArray[np.float64]]
    video: NDArray[np.int64]
    ms: float


def _hits(study: Study, stage: str, key_frames: int) -> Hits:
    rows_by_seed: list[list[dict[str, Any]]] = []
    times: list[float] = []
    for seed in study.seeds:
        place = study.answers(stage, seed, key_frames)
        if not place.exists():
            sys.exit(f"no answers in {place}; go without --table-only")
        lines = (place / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        rows_by_seed.append([row for row in rows if "located" in row])
        times.append(json.loads((place / "figures.json").read_text(encoding="utf-8"))["ms"])
    ways = [way for way in ("located", "uniform", "true") if way in rows_by_seed[0][0]]
    hits = {
        way: np.array(
            [[row[way]["option"] == row["right"] for row in rows] for rows in rows_by_seed],
            np.float64,
        )
        for way in ways
    }
    names = [row["video"] for row in rows_by_seed[0]]
    video = np.unique(names, return_inverse=True)[1].astype(np.int64)
    return Hits(hits, video, float(np.median(times)))


def _cell(hits: NDArray[np.float64], video: NDArray[np.int64], sign: bool = False) -> str:
    low, high = bounds(100 * hits, video)
    form = "+.1f" if sign else ".1f"
    return f"{100 * hits.mean():{form}} ({low:{form}} to {high:{form}})"


def page(study: Study, command: str) -> str:
    """The whole page; it says nothing that the figures do not."""
    last = STAGES[-1]
    found = {name: _hits(study, stage, 4) for name, stage in LOCALIZERS.items()}
    counts = {count: _hits(study, last, count) for count in KEY_FRAMES}
    count = next(iter(found.values())).by_way["located"].shape[1]
    recipes = [
        SevilaRecipe.read(RECIPES / f"tiny-sevila-{stage}.toml", study.more) for stage in STAGES
    ]
    steps = ", ".join(f"{r.loop.steps} ({s})" for r, s in zip(recipes, STAGES, strict=True))
    ways = [
        ["localizer", "its 4 frames", "4 uniform frames", "4 frames of the truth", "gain", "ms"]
    ]
    for name, hits in found.items():
        gain = hits.by_way["located"] - hits.by_way["uniform"]
        cells = [_cell(hits.by_way[way], hits.video) for way in ("located", "uniform", "true")]
        ways.append([name, *cells, _cell(gain, hits.video, sign=True), f"{hits.ms:.0f}"])
    frames = [["key frames", "of the localizer", "uniform", "gain"]]
    for number, hits in counts.items():
        gain = hits.by_way["located"] - hits.by_way["uniform"]
        cells = [_cell(hits.by_way[way], hits.video) for way in ("located", "uniform")]
        frames.append([str(number), *cells, _cell(gain, hits.video, sign=True)])
    lines = [
        "# Find the frames, then answer",
        "",
        "Made by",
        "",
        "```",
        command,
        "```",
        "",
        f"Option accuracy in percent on {count} questions about drawn videos of the split `test`, "
        f"seeds {', '.join(map(str, study.seeds))}, 95 % intervals over seeds and videos drawn "
        f"anew. Steps of training: {steps}. Gain: localizer less uniform, pair by pair. ms: "
        "processor time of an answer, drawing and looking shared by the ways.",
        "",
        table(ways),
        "",
        f"Refining changes the accuracy by {_change(found)}.",
        "",
        table(frames),
        "",
        f"Moments of the same queries about {study.videos} videos "
        "(`recipes/watching.toml`, video files, both languages):",
        "",
        table(_moments(study)),
        "",
        f"{machine()['processor']}, {machine()['cores']} cores.",
    ]
    return "\n".join(lines) + "\n"


def _change(found: dict[str, Hits]) -> str:
    before, after = found["pre-trained"], found["self-refined"]
    return _cell(after.by_way["located"] - before.by_way["located"], before.video, sign=True)


def _moments(study: Study) -> list[list[str]]:
    rows = [["", "R@1 IoU=0.5 en", "zh", "R@1 IoU=0.7 en", "zh", "ms"]]
    for system in systems(study):
        place = study.runs / MOMENTS / system / "figures.json"
        if not place.exists():
            sys.exit(f"no figures of {system} in {place.parent}; go without --table-only")
        kept = json.loads(place.read_text(encoding="utf-8"))
        cells: list[str] = []
        for threshold in (0.5, 0.7):
            for lang in ("en", "zh"):
                name = f"moment.R@1 IoU={threshold}.{lang}"
                low, high = kept["intervals"].get(name, (float("nan"),) * 2)
                cells.append(f"{kept['figures'][name]:.1f} ({low:.1f} to {high:.1f})")
        rows.append([system, *cells, f"{kept['ms']:.0f}"])
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
