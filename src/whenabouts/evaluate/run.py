"""A recipe's evaluation: figures, intervals and every prediction, written to a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from whenabouts.evaluate.report import Report, write_report
from whenabouts.evaluate.shapes import EvaluateSettings, evaluate
from whenabouts.protocols import Encoder
from whenabouts.systems.peaks import Peaks


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
    facts = {
        "encoder": encoder.name,
        "fingerprint": encoder.fingerprint,
        "settings": settings.model_dump(mode="json"),
    }
    write_report(report, facts, folder)
