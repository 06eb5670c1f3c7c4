"""A drawing of how the right items are spread over the ranks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from whenabouts.media.fonts import font_for
from whenabouts.metrics.retrieval import figures

WIDTH_PX, HEIGHT_PX = 1280, 560
LEFT_PX, RIGHT_PX, TOP_PX, LOW_PX = 90, 30, 110, 80
PAPER, INK, FAINT, PALE = (250, 250, 248), (28, 30, 34), (122, 126, 134), (226, 227, 224)
COLOURS = ((44, 110, 145), (219, 94, 40))
"""Of the directions, in their order."""
EDGES = (1, 2, 3, 6, 11, 21, 51, 101, 201, 501, 1001, 2001, 5001, 10001, 10**9)
"""First rank (1 is best) of each bar."""


def spread(ranks_Q: NDArray[np.float64], items: int) -> tuple[list[str], NDArray[np.float64]]:
    """Names of the bars, and the percent of queries whose 0-based rank falls into each.

    >>> spread(np.array([0.0, 0.0, 1.0, 7.0]), 10)[0]
    ['1', '2', '3-5', '6-10']
    """
    edges = [edge for edge in EDGES if edge <= items]
    ends = [*(edge - 1 for edge in edges[1:]), items]
    names = [str(a) if a == b else f"{a}-{b}" for a, b in zip(edges, ends, strict=True)]
    # A half rank, where two share a place, counts with the better one.
    whole = np.floor(ranks_Q).astype(int) + 1
    counts, _ = np.histogram(whole, bins=[*edges, items + 1])
    return names, 100.0 * counts / max(len(ranks_Q), 1)


def draw_ranks(ranks: Mapping[str, NDArray[np.float64]], items: Mapping[str, int], path: Path,
               title: str) -> None:  # fmt: skip
    """Write a PNG with one group of bars a rank: `ranks` [Q], 0-based, by direction."""
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), PAPER)
    draw = ImageDraw.Draw(image)
    _say(draw, (LEFT_PX, 24), title, 26, INK)
    bars = {way: spread(one, items[way]) for way, one in ranks.items()}
    names = max((names for names, _ in bars.values()), key=len)
    top = max(10.0, 10.0 * np.ceil(max(shares.max() for _, shares in bars.values()) / 10))
    low = HEIGHT_PX - LOW_PX
    for share in np.linspace(0, top, 6):
        y = round(low - (low - TOP_PX) * share / top)
        draw.line((LEFT_PX, y, WIDTH_PX - RIGHT_PX, y), PALE, 1)
        _say(draw, (LEFT_PX - 10, y), f"{share:g} %", 16, FAINT, "rm")
    step = (WIDTH_PX - LEFT_PX - RIGHT_PX) / len(names)
    wide = step * 0.8 / max(len(bars), 1)
    for number, (way, (_, shares)) in enumerate(bars.items()):
        colour = COLOURS[number % len(COLOURS)]
        for place, share in enumerate(shares):
            x = LEFT_PX + place * step + step * 0.1 + number * wide
            y = low - (low - TOP_PX) * share / top
            draw.rectangle((x, y, x + wide - 2, low), fill=colour)
            if share >= 0.05:
                _say(draw, (x + wide / 2, y - 4), f"{share:.1f}", 13, colour, "mb")
        _legend(draw, number, way, ranks[way], colour)
    for place, name in enumerate(names):
        _say(draw, (LEFT_PX + (place + 0.5) * step, low + 10), name, 15, INK, "mt")
    _say(
        draw, (WIDTH_PX // 2, HEIGHT_PX - 22), "rank of the right one (1 is best)", 16, FAINT, "mm"
    )
    image.save(path, "PNG")


def _legend(
    draw: ImageDraw.ImageDraw,
    number: int,
    way: str,
    ranks_Q: NDArray[np.float64],
    colour: tuple[int, int, int],
) -> None:
    """A line in the colour of a direction, with its main figures."""
    told = figures(ranks_Q)
    text = (
        f"{way.replace('_', ' ')}   R@1 {told['R@1']:.1f}   R@10 {told['R@10']:.1f}   "
        f"median {told['MdR']:g}   mean {told['MnR']:.1f}   ({len(ranks_Q):,} queries)"
    )
    x = LEFT_PX + number * (WIDTH_PX - LEFT_PX - RIGHT_PX) // 2
    draw.rectangle((x, 66, x + 14, 80), fill=colour)
    _say(draw, (x + 24, 73), text, 15, INK, "lm")


def _say(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size_px: int,
    colour: tuple[int, int, int],
    anchor: str = "la",
) -> None:
    font, shown = font_for(text, size_px)
    draw.text(place, shown, colour, font, anchor=anchor)
