"""A recipe's evaluation: figures, intervals and every prediction, written to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from whenabouts.evaluate.shapes import EvaluateSettings, Report, evaluate
from whenabouts.protocols import Encoder
from whenabouts.systems.peaks import Peaks

PREDICTIONS = "predictions.jsonl"
FIGURES = "figures.json"


def run(
    recipe_path: Path,
    encoder: Encoder,
    overwrite: Iterable[str] = (),
    *,
    folder: Path | None = None,
    on_done: Callable[[int, int], None] | None = None,
) -> Report:
    """Evaluate `encoder` as the recipe's table `evaluate` says.

    `overwrite` holds `evaluate.videos=100` and the like. With `folder`, `figures.json` and
    `predictions.jsonl` are written there. `on_done` hears how many of how many videos are encoded.
    """
    settings = EvaluateSettings.read(recipe_path, overwrite, table="evaluate")
    report = evaluate(encoder, Peaks(), settings, on_done)
    if folder is not None:
        write(report, settings, encoder, folder)
    return report


def write(report: Report, settings: EvaluateSettings, encoder: Encoder, folder: Path) -> None:
    """Write the figures with what they are of, and the predictions one a line."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "encoder": encoder.name,
        "fingerprint": encoder.fingerprint,
        "settings": settings.model_dump(mode="json"),
        "figures": {name: round(value, 3) for name, value in report.figures.items()},
        "intervals": {
            name: [round(low, 3), round(high, 3)] for name, (low, high) in report.intervals.items()
        },
    }
    (folder / FIGURES).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in report.predictions)
    (folder / PREDICTIONS).write_text("".join(lines), encoding="utf-8")
