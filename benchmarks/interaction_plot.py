"""Recall against work, drawn from the results of `interaction.py recall`.

python benchmarks/interaction_plot.py [RESULTS] [PNG]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT, LEFT, TOP, LOW = 560, 420, 70, 60, 60
MOST_WORK, LEAST_RECALL = 0.25, 0.5
COLOURS = {
    "one vector a video": (122, 126, 134),
    "two frames as one": (44, 110, 145),
    "every frame": (96, 160, 96),
    "telling words, few directions": (219, 94, 40),
}
INK, PALE, PAPER = (28, 30, 34), (226, 227, 224), (250, 250, 248)


def main() -> None:
    """One panel a world."""
    given = [Path(word) for word in sys.argv[1:]]
    results = given[0] if given else HERE / "results" / "interaction.json"
    target = given[1] if len(given) > 1 else results.with_name("interaction.png")
    curves = json.loads(results.read_text())["recall"]["curves"]
    image = Image.new("RGB", (WIDTH * len(curves), HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    for number, (name, curve) in enumerate(curves.items()):
        _panel(draw, number * WIDTH, f"{name} (R@1 {curve['R@1']:.0f})", curve["points"])
    image.save(target)
    print(target)


def _panel(draw: ImageDraw.ImageDraw, left: int, title: str, points: list[dict[str, Any]]) -> None:
    font, small = ImageFont.load_default(18), ImageFont.load_default(13)
    low, right = HEIGHT - LOW, WIDTH - 20

    def place(work: float, recall: float) -> tuple[float, float]:
        x = left + LEFT + (right - LEFT) * work / MOST_WORK
        return x, low - (low - TOP) * (recall - LEAST_RECALL) / (1 - LEAST_RECALL)

    draw.text((left + LEFT, 16), title, INK, font)
    for recall in (0.5, 0.6, 0.7, 0.8, 0.9, 0.98):
        x, y = place(0, recall)
        draw.line((x, y, left + right, y), INK if recall == 0.98 else PALE)
        draw.text((x - 8, y), f"{recall:g}", INK, small, anchor="rm")
    for work in (0, 0.05, 0.1, 0.15, 0.2, 0.25):
        x, y = place(work, LEAST_RECALL)
        draw.line((x, TOP, x, y), INK if work == 0.1 else PALE)
        draw.text((x, y + 8), f"{work:g}", INK, small, anchor="mt")
    draw.text((left + LEFT, HEIGHT - 24), "work, as a share of all pairs", INK, small)
    draw.text((left + 8, TOP - 22), "recall of the ten best", INK, small)
    for number, (by, colour) in enumerate(COLOURS.items()):
        some = [(p["work"], p["recall"]) for p in points if p["by"] == by]
        seen = [place(w, r) for w, r in some if w <= MOST_WORK and r >= LEAST_RECALL]
        if not some:
            continue
        draw.line(seen, colour, 3)
        for x, y in seen:
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colour)
        draw.text((left + right - 230, low - 90 + 20 * number), by, colour, small)


if __name__ == "__main__":
    main()
