"""How good the answers of a library are: right video, right moment, and nothing when nothing fits.

    python benchmarks/quality.py judge --encoder tiny-clip --split test --videos 200
    python benchmarks/quality.py fit --encoder tiny-clip --split val     # values of Calibration
    python benchmarks/quality.py peaks --encoder tiny-clip --split val   # values of PeakSettings

Shape-world videos are drawn, encoded and stored without being written as files. Queries for
moments have their truth over the whole library; others ask for what no video of it shows. Settings
are fitted on `val` alone. `judge` prints a table and writes `benchmarks/results/quality.json`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure import machine, table

from whenabouts.evaluate.shapes import Case, EvaluateSettings, Seen, draw_all, look, make_cases
from whenabouts.library import calibrate, seen
from whenabouts.library.encoders import mark_of, open_encoder
from whenabouts.library.library import Library, open_library
from whenabouts.library.settings import SearchSettings
from whenabouts.metrics.grounding import grounding
from whenabouts.protocols import Encoder
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.say import moment_query, say
from whenabouts.store.rows import FrameRows, Indexed, VideoRow
from whenabouts.store.store import Store
from whenabouts.systems.peaks import Peaks, PeakSettings
from whenabouts.types import Span

DICE = 77
SIZES = (5, 20, 80)
"""Videos of the libraries that are judged; as many libraries as the drawn videos fill."""
PEAK_GRID = {
    "smooth_s": (1.0, 1.5, 2.0, 3.0),
    "floor_quantile": (0.05, 0.1, 0.25),
    "enter": (0.7, 0.8),
    "leave": (0.3, 0.4, 0.5, 0.6, 0.7),
}


@dataclass(frozen=True)
class Asked:
    """A query, and for each video that answers it, when; no video for what is not there."""

    text: str
    truths: dict[str, tuple[Span, ...]]


@dataclass(frozen=True)
class Small:
    """A library with its queries."""

    library: Library
    asked: list[Asked]


def main() -> None:
    """Draw, encode, and do what was asked."""
    arguments = _arguments()
    encoder = open_encoder(arguments.encoder)
    settings = EvaluateSettings(
        split=arguments.split,
        videos=arguments.videos,
        first_seed=arguments.first_seed,
        rate_hz=encoder.sampling.rate_hz,
        short_px=encoder.input_px,
        workers=arguments.workers,
    )
    cases = make_cases(settings)
    stored = look(encoder, draw_all(cases, settings), settings)
    if arguments.job == "peaks":
        tune_peaks(encoder, cases, stored)
        return
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            libraries = list(_libraries(Path(folder), encoder, cases, stored, size))
            if arguments.job == "fit":
                _features(encoder, libraries, arguments.rows)
            elif libraries:
                arguments.figures[str(size)] = judge(libraries)
    if arguments.job == "fit":
        fit(arguments.rows)
        return
    figures = {"machine": machine(), "encoder": encoder.name, "split": arguments.split,
               "videos": arguments.videos, "sizes": arguments.figures}  # fmt: skip
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(figures, indent=1) + "\n")
    names = list(next(iter(arguments.figures.values())))
    rows = [[name, *(f"{f[name]:.1f}" for f in arguments.figures.values())] for name in names]
    print(table([["percent", *(f"{size} videos" for size in arguments.figures)], *rows]))


def _libraries(
    folder: Path, encoder: Encoder, cases: Sequence[Case], stored: Sequence[Seen], size: int
) -> Iterator[Small]:
    """Libraries of `size` videos each, with three queries a video, one of them for nothing."""
    for first in range(0, len(cases) - size + 1, size):
        part = range(first, first + size)
        path = folder / f"{size}-{first}"
        with Store(path, "w", encoder=mark_of(encoder)) as store:
            store.put([_indexed(cases[at], stored[at]) for at in part])
        truth = LibraryTruth({cases[at].video.id: cases[at].script for at in part})
        asked: list[Asked] = []
        for at in part:
            dice = Dice(DICE, size, at)
            lang = ("en", "zh")[at % 2]
            for _ in range(2):
                script = cases[at].script
                query = moment_query(script, dice.pick(script.main_events), lang, dice)
                asked.append(Asked(query.text, truth.answers(query.description.claims[0])))
            asked.append(Asked(say(truth.describe_nowhere(dice), lang, dice), {}))
        yield Small(open_library(path, encoder), asked)


def _indexed(case: Case, frames: Seen) -> Indexed:
    """A drawn video as the indexer would store it with every frame."""
    ends_s = np.append(frames.times_s[1:], case.video.duration_s)
    video = case.video
    row = VideoRow(
        video.id, str(Path("/shapes") / f"{video.id}.mp4"), 1, 1, duration_s=video.duration_s,
        fps=video.fps, width=video.width, height=video.height, passes=("keyframes", "frames"),
    )  # fmt: skip
    return Indexed(row, FrameRows(frames.vectors, frames.logits, frames.times_s, ends_s), (), ())


def judge(libraries: Sequence[Small]) -> dict[str, float]:
    """Right video first, right moment first, false finds and misses, in percent."""
    there = right = moment = missed = absent = false = 0
    for small in libraries:
        for asked in small.asked:
            hits = small.library.search(asked.text, settings=SearchSettings(pictures=False))
            if not asked.truths:
                absent += 1
                false += bool(hits)
                continue
            there += 1
            missed += not hits
            if hits and hits[0].video.id in asked.truths:
                right += 1
                spans = asked.truths[hits[0].video.id]
                moment += max(hits[0].span.iou(span) for span in spans) >= 0.5
    return {
        "right video first": 100 * right / there,
        "right moment first (IoU 0.5)": 100 * moment / there,
        "missed (empty answer)": 100 * missed / there,
        "false finds (answer to nothing)": 100 * false / absent,
    }


def _features(
    encoder: Encoder, libraries: Sequence[Small], rows: list[tuple[float, float, float, bool, bool]]
) -> None:
    """How the best video of each query stands, whether it is right, and whether any would be."""
    settings = SearchSettings(pictures=False)
    for small in libraries:
        with Store(small.library.path) as store:
            bank = calibrate.Bank.of_texts(encoder, small.library.path)
            eyes = seen.Seen(store, 1.0 / encoder.sampling.rate_hz)
            videos = {row.id: row for row in store.videos()}
            for asked in small.asked:
                query = seen.Look(encoder.encode_text(asked.text), bank, settings)
                best = eyes.candidates(query, videos, None, 1)
                stands = eyes.stands(query, best)
                size = float(np.log(len(videos)))
                right = best[0].video in asked.truths
                both, half = float(stands.both[0]), float(stands.seen[0])
                rows.append((both, half, size, right, bool(asked.truths)))


def fit(rows: list[tuple[float, float, float, bool, bool]]) -> None:
    """Logistic regression of "the library has it" on how the best video stands, by Newton."""
    both, half, size, right, there = (
        np.array(column, np.float64) for column in zip(*rows, strict=True)
    )
    features = np.stack([np.ones(len(both)), both, half, size], axis=1)
    values = np.zeros(4)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-features @ values))
        slope = features.T @ (there - chance) - 1e-3 * values
        bend = (features * (chance * (1 - chance))[:, None]).T @ features + 1e-3 * np.eye(4)
        values += np.linalg.solve(bend, slope)
    chance = 1 / (1 + np.exp(-features @ values))
    print(f"{len(rows)} queries, {100 * there.mean():.1f}% have an answer")
    print("bias={:.2f} both={:.2f} seen={:.2f} size={:.3f}".format(*values))
    for floor in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        told = [
            f"{100 * (chance[right > 0] < floor).mean():.1f}% of right answers lost",
            f"{100 * (chance[there > 0] < floor).mean():.1f}% missed",
            f"{100 * (chance[there == 0] >= floor).mean():.1f}% false finds",
        ]
        print(f"floor {floor}: " + ", ".join(told))


def tune_peaks(encoder: Encoder, cases: Sequence[Case], stored: Sequence[Seen]) -> None:
    """Moments of one video at all settings of the grid, the best last."""
    queries = [case.queries[lang] for case in cases for lang in ("en", "zh")]
    texts = [encoder.encode_text(query.text) for query in queries]
    truths = [list(query.spans) for query in queries]
    found: list[tuple[float, float, dict[str, float]]] = []
    for values in itertools.product(*PEAK_GRID.values()):
        settings = PeakSettings(**dict(zip(PEAK_GRID, values, strict=True)))
        grounder = Peaks(settings, 1.0 / encoder.sampling.rate_hz)
        spans = [
            [m.span for m in grounder.locate(text, cases[at // 2].video, stored[at // 2].encoding)]
            for at, text in enumerate(texts)
        ]
        figures = grounding(spans, truths)
        found.append((figures["R@1 IoU=0.5"], figures["mIoU"], settings.model_dump()))
    for half, mean, values in sorted(found, key=lambda one: one[0] + one[1])[-8:]:
        print(f"R@1 IoU=0.5 {half:.1f}  mIoU {mean:.1f}  {values}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("job", choices=("judge", "fit", "peaks"))
    parser.add_argument("--encoder", default="tiny-clip")
    parser.add_argument("--split", default="val", choices=("val", "test"))
    parser.add_argument("--videos", type=int, default=160)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    results = Path(__file__).resolve().parent / "results"
    parser.add_argument("--out", type=Path, default=results / "quality.json")
    parser.set_defaults(rows=[], figures={})
    return parser.parse_args()


if __name__ == "__main__":
    main()
