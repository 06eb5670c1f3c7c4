"""Which parts of TimeChat and VTG-LLM earn their place: the same recipe, budget and data.

    python benchmarks/grounding_ablation.py --out docs/results/temporal_grounding.md
    python benchmarks/grounding_ablation.py --table-only --out docs/results/temporal_grounding.md

Trains every variant with every seed on shape world, from nothing, asks each for moments of videos
that it has not seen, and writes the table. What is done is not done again: a killed run goes on at
its last checkpoint. Each run says what is left.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure import machine
from numpy.typing import NDArray

from whenabouts.evaluate.report import write_report
from whenabouts.evaluate.watching import WatchingSettings, evaluate
from whenabouts.library.watchers import open_watcher
from whenabouts.settings import Settings
from whenabouts.train.about import ABOUT
from whenabouts.train.instruction import run
from whenabouts.train.instruction_recipe import InstructionRecipe
from whenabouts.types import Span

RECIPE = Path(__file__).parents[1] / "recipes" / "shapes-grounding.toml"
FIGURES = "evaluation"
THRESHOLDS = (0.3, 0.5, 0.7)
RESAMPLES = 5000


def _frames(count: int) -> tuple[str, ...]:
    return (f"frames.frames={count}", f"model.frames={count}")


_WINDOWS = (
    "data.drawn.style=timeit",
    "model.time_tokens=false",
    "model.timestamps=llama",
    "model.sizes.second_positions=0",
    "model.sizes.frame_qformer.words=700",
    "model.sizes.compression=window",
    "model.sizes.mask_text_padding=true",
    "model.sizes.window_layers=1",
    "model.sizes.video_tokens=16",
    "model.sizes.window_frames=16",
    "model.sizes.stride_frames=16",
)
VARIANTS: dict[str, tuple[str, ...]] = {
    "TimeChat": _WINDOWS,
    "without timestamps": (
        *_WINDOWS,
        "model.timestamps=none",
        "model.sizes.frame_qformer.words=0",
        "model.sizes.mask_text_padding=false",
    ),
    "one pass": (*_WINDOWS, "model.sizes.window_frames=0", "model.sizes.video_tokens=48"),
    "VTG-LLM": (),
    "cross-attention": ("model.sizes.compression=cross",),
    "fewer frames": ("model.sizes.compression=none", *_frames(12)),
    "plain digits": ("model.time_tokens=false", "data.drawn.style=timeit"),
    "24 frames": _frames(24),
    "96 frames": _frames(96),
}
CLAIMS = (
    ("TimeChat", "without timestamps", "Timestamps in the frame encoder help", "timechat"),
    ("TimeChat", "one pass", "A sliding window is better than one pass", "timechat"),
    ("VTG-LLM", "cross-attention", "Slots are better than cross-attention", "vtgllm"),
    ("VTG-LLM", "fewer frames", "Slots are better than fewer frames", "vtgllm"),
    ("VTG-LLM", "plain digits", "Time tokens are better than plain digits", "vtgllm"),
    ("VTG-LLM", "24 frames", "48 frames are better than 24", "vtgllm"),
    ("96 frames", "VTG-LLM", "96 frames are better than 48", "vtgllm"),
)
"""The first is claimed to be better than the second; and which paper says so."""
_PAPERS = {
    "timechat": "[TimeChat](https://arxiv.org/abs/2312.02051)",
    "vtgllm": "[VTG-LLM](https://arxiv.org/abs/2405.13382)",
}


class Study(Settings):
    """What is run."""

    runs: Path
    seeds: tuple[int, ...]
    videos: int
    """Of the test."""
    more: tuple[str, ...] = ()
    """Further settings for every run."""


@dataclass(frozen=True)
class Result:
    """What one variant found: IoU of its answers [seeds, queries], and the video of each query."""

    iou: NDArray[np.float64]
    video: NDArray[np.int64]


def name_of(variant: str, seed: int) -> str:
    """Of a run."""
    return f"{variant.lower().replace(' ', '-')}-{seed}"


def overwrites(study: Study, variant: str, seed: int) -> list[str]:
    """What a run changes of the recipe."""
    return [
        f"name={name_of(variant, seed)}",
        *(f"{key}={seed}" for key in ("seed", "loader.seed", "loop.seed")),
        *VARIANTS[variant],
        *study.more,
    ]


def asked(study: Study) -> WatchingSettings:
    """Unseen videos of the same kind."""
    drawn = InstructionRecipe.read(RECIPE, study.more).data.drawn
    if drawn is None:
        sys.exit(f"{RECIPE} draws no videos")
    return WatchingSettings(
        videos=study.videos,
        duration_s=drawn.duration_s,
        scenes=drawn.scenes,
        events=(2, 8),
        langs=drawn.langs,
        tasks=("moment retrieval",),
        each=4,
        folder=study.runs / "videos",
    )


def train_all(study: Study) -> None:
    """Every run that is not done, seeds outside: a study that is stopped early stays balanced."""
    jobs = [(variant, seed) for seed in study.seeds for variant in VARIANTS]
    todo = [job for job in jobs if not figures_of(study, *job).exists()]
    print(f"{len(jobs) - len(todo)} of {len(jobs)} runs are done", flush=True)
    began = time.monotonic()
    for done, (variant, seed) in enumerate(todo):
        model = run(RECIPE, overwrites(study, variant, seed), runs=study.runs)
        questions = asked(study)
        report = evaluate(open_watcher(str(model), device="cpu"), questions)
        place = figures_of(study, variant, seed).parent
        draft = place.with_suffix(".part")
        write_report(report, {"settings": questions.model_dump(mode="json")}, draft)
        draft.rename(place)
        each_s = (time.monotonic() - began) / (done + 1)
        left = len(todo) - done - 1
        shown = report.figures["moment.R@1 IoU=0.5.en"]
        print(
            f"{variant}, seed {seed}: R@1 IoU=0.5 {shown:.1f}; {each_s:.0f} s a run; "
            f"{left} runs left, about {left * each_s / 60:.0f} min",
            flush=True,
        )


def figures_of(study: Study, variant: str, seed: int) -> Path:
    """There once a run is done."""
    return study.runs / name_of(variant, seed) / FIGURES / "figures.json"


def read_all(study: Study) -> dict[str, Result]:
    """Answers of all variants whose runs are all there."""
    found: dict[str, Result] = {}
    for variant in VARIANTS:
        places = [figures_of(study, variant, seed) for seed in study.seeds]
        if missing := [str(p.parent.parent.name) for p in places if not p.exists()]:
            sys.exit(f"no figures of {', '.join(missing)} in {study.runs}; go without --table-only")
        rows = [_answers(place.with_name("predictions.jsonl")) for place in places]
        names = [row["video"] for row in rows[0]]
        video = np.unique(names, return_inverse=True)[1].astype(np.int64)
        found[variant] = Result(np.array([[iou_of(row) for row in some] for some in rows]), video)
    return found


def _answers(path: Path) -> list[dict[str, list[list[float]]]]:
    """Of one run, in the order of the test."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def iou_of(row: dict[str, list[list[float]]]) -> float:
    """Of the first moment that was told; 0 without one."""
    if not row["moments"]:
        return 0.0
    told, true = row["moments"][0], row["truth"][0]
    return Span(told[0], told[1]).iou(Span(true[0], true[1]))


def bounds(
    hits_SQ: NDArray[np.float64], video_Q: NDArray[np.int64], resamples: int = RESAMPLES
) -> tuple[float, float]:
    """95 percent interval of the mean over seeds and queries; seeds and videos are drawn anew."""
    random = np.random.default_rng(0)
    videos = int(video_Q.max()) + 1
    sums = np.stack([np.bincount(video_Q, row, videos) for row in hits_SQ])
    counts = np.bincount(video_Q, minlength=videos)
    means = np.empty(resamples)
    for place in range(resamples):
        seed = random.integers(len(hits_SQ), size=len(hits_SQ))
        video = random.integers(videos, size=videos)
        means[place] = sums[seed][:, video].sum() / (counts[video].sum() * len(hits_SQ))
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def told(hits_SQ: NDArray[np.float64], video_Q: NDArray[np.int64], sign: bool = False) -> str:
    """Mean and interval."""
    low, high = bounds(hits_SQ, video_Q)
    form = "+.1f" if sign else ".1f"
    return f"{hits_SQ.mean():{form}} ({low:{form}} to {high:{form}})"


def page(study: Study, results: dict[str, Result], command: str) -> str:
    """The whole page; every sentence about the outcome follows from the figures."""
    recipe = InstructionRecipe.read(RECIPE, overwrites(study, "VTG-LLM", study.seeds[0]))
    drawn, questions = recipe.data.drawn, asked(study)
    about = study.runs / name_of("VTG-LLM", study.seeds[0]) / ABOUT
    made = json.loads(about.read_text(encoding="utf-8"))["parts"][-1]
    count = next(iter(results.values())).iou.shape[1]
    shown = (0, 0) if drawn is None else (drawn.videos, drawn.turns)
    lines = [
        "# Temporal grounding: which parts earn their place",
        "",
        "Made by",
        "",
        "```",
        command,
        "```",
        "",
        f"Moment retrieval on shape world: {count} English queries about {study.videos} videos of "
        f"{questions.duration_s[0]:g} to {questions.duration_s[1]:g} s that no training saw. "
        f"Every model is trained from nothing by `recipes/{RECIPE.name}` on the frozen eyes of "
        f"`tiny-clip`: {recipe.loop.steps} steps of {recipe.loader.batch} of {shown[0]} videos "
        f"with up to {shown[1]} questions each, seeds {', '.join(map(str, study.seeds))}; last "
        "weights, no choice on any split. All variants get the same help (guided attention and "
        "the loss of what is in view, [training](../training.md)). The budget is one at which all "
        "runs end on two cores within two hours; the models were still learning when it was spent.",
        "",
        "Percent of queries: mean over seeds, 95 % interval over seeds and videos drawn anew "
        f"({RESAMPLES:,} times). The language model reads 48 visual tokens in every row.",
        "",
        "| | frames | " + " | ".join(f"R@1 IoU={t}" for t in THRESHOLDS) + " | mIoU |",
        "|---|---" + "|---" * (len(THRESHOLDS) + 1) + "|",
    ]
    for variant, result in results.items():
        cells = [told(100.0 * (result.iou >= cut), result.video) for cut in THRESHOLDS]
        cells.append(told(100.0 * result.iou, result.video))
        frames = InstructionRecipe.read(RECIPE, overwrites(study, variant, 1)).frames.frames
        lines.append(f"| {variant} | {frames} | {' | '.join(cells)} |")
    lines += [
        "",
        "*TimeChat*: a sentence with its time beside each frame, windows of 16 frames with 16 "
        "tokens each, times as plain numbers. *without timestamps*: no sentence. *one pass*: one "
        "window over all frames. *VTG-LLM*: tables of frames and seconds, 48 slots, time tokens. "
        "*cross-attention*: in the place of slots. *fewer frames*: 12 frames, all their tokens. "
        "*plain digits*: in the place of time tokens, questions and answers in TimeIT's forms. "
        "Each differs from its system in that alone.",
        "",
        "## Claims of the papers",
        "",
        "| claim | R@1 IoU=0.5 | mIoU | here |",
        "|---|---|---|---|",
    ]
    for one, other, claim, paper in CLAIMS:
        lines.append(_claim(results[one], results[other], f"{claim} ({_PAPERS[paper]})"))
    lines += [
        "",
        "Differences, first minus second. *holds* and *fails*: the interval of both figures lies "
        "above or below 0; else the two are not told apart by this much training. The claims were "
        "made about 7B models and natural video.",
        "",
        f"whenabouts {made['whenabouts']} ({made['commit']}), torch {made['torch']}, "
        f"{made['device']}, {machine()['cores']} cores.",
    ]
    return "\n".join(lines) + "\n"


def _claim(one: Result, other: Result, claim: str) -> str:
    """A row of the table of claims."""
    hits = 100.0 * (one.iou >= 0.5) - 100.0 * (other.iou >= 0.5)
    apart = 100.0 * (one.iou - other.iou)
    ends = [bounds(figure, one.video) for figure in (hits, apart)]
    verdict = "not told apart"
    if all(low > 0 for low, _ in ends):
        verdict = "holds"
    elif all(high < 0 for _, high in ends):
        verdict = "fails"
    cells = [told(figure, one.video, sign=True) for figure in (hits, apart)]
    return f"| {claim} | {cells[0]} | {cells[1]} | {verdict} |"


def main(arguments: Sequence[str]) -> None:
    """Train what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/grounding"))
    parser.add_argument("--videos", type=int, default=60, help="of the test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--out", type=Path, default=Path("docs/results/temporal_grounding.md"))
    parser.add_argument("--table-only", action="store_true", help="train nothing")
    parser.add_argument("more", nargs="*", metavar="KEY=VALUE", help="settings for every run")
    given = parser.parse_args(arguments)
    study = Study(
        runs=given.runs, seeds=tuple(given.seeds), videos=given.videos, more=tuple(given.more)
    )
    if not given.table_only:
        train_all(study)
    kept = [word for word in arguments if word != "--table-only"]
    command = " ".join(["python", "benchmarks/grounding_ablation.py", *kept])
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(page(study, read_all(study), command), encoding="utf-8")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main(sys.argv[1:])
