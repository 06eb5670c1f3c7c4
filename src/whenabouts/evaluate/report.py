"""What an evaluation comes to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREDICTIONS = "predictions.jsonl"
FIGURES = "figures.json"


@dataclass(frozen=True, slots=True)
class Report:
    """Figures with their intervals, and every single prediction."""

    figures: dict[str, float]
    """For example `text_to_video.en.R@1`, in percent."""
    intervals: dict[str, tuple[float, float]]
    """95 percent bootstrap intervals of the main figures."""
    predictions: tuple[dict[str, Any], ...]


def write_report(report: Report, facts: Mapping[str, Any], folder: Path) -> None:
    """Write the figures, behind `facts` that say what they are of, and the predictions."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        **facts,
        "figures": {name: round(value, 3) for name, value in report.figures.items()},
        "intervals": {
            name: [round(low, 3), round(high, 3)] for name, (low, high) in report.intervals.items()
        },
    }
    (folder / FIGURES).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    write_lines(report.predictions, folder / PREDICTIONS)


def write_lines(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
