"""The captions whose videos came last, as pictures: what was right, what was found instead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from whenabouts.data.frame_cache import FrameCache
from whenabouts.evaluate.retrieval import Judged
from whenabouts.media.preview import contact_sheet
from whenabouts.types import Frames, Moment, Span, Video

PAGE = "worst.md"


def worst_captions(judged: Judged, count: int) -> list[int]:
    """Numbers of the captions with the worst ranks; of equal ones those that miss by most first."""
    ranks = judged.standings["text_to_video"].ranks()
    own = judged.scores[np.arange(len(ranks)), judged.split.owner]
    missed = judged.scores.max(axis=1) - own
    order = np.lexsort((np.arange(len(ranks)), -missed, -ranks))
    return [int(at) for at in order[:count] if ranks[at] > 0]


def write_worst(judged: Judged, cache: FrameCache, folder: Path, count: int) -> list[Path]:
    """Write a contact sheet for each of the worst captions, and a page that lists them."""
    chosen = worst_captions(judged, count)
    split, ranks = judged.split, judged.standings["text_to_video"].ranks()
    lines = [f"# The {len(chosen)} worst captions of {split.name} {split.split}", ""]
    sheets: list[Path] = []
    for number, caption in enumerate(chosen, start=1):
        owner, best = int(split.owner[caption]), int(judged.scores[caption].argmax())
        path = folder / "worst" / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        _sheet(judged, cache, caption, (owner, best)).save(path, "PNG")
        sheets.append(path)
        lines += [
            f"{number}. rank {ranks[caption] + 1:g}: {split.captions[caption]}",
            f"   right: {split.video_ids[owner]} ({judged.scores[caption, owner]:.3f}), "
            f"found: {split.video_ids[best]} ({judged.scores[caption, best]:.3f})",
            "",
            f"   ![what was right, what was found](worst/{path.name})",
            "",
        ]
    (folder / PAGE).write_text("\n".join(lines), encoding="utf-8")
    return sheets


def _sheet(judged: Judged, cache: FrameCache, caption: int, videos: tuple[int, int]) -> Image.Image:
    """The right video above the one that was found first."""
    parts = [
        _half(judged, cache, caption, video, told)
        for video, told in zip(videos, ("right", "found"), strict=True)
    ]
    width, height = max(p.width for p in parts), sum(p.height for p in parts)
    sheet = Image.new("RGB", (width, height), (255, 255, 255))
    top = 0
    for part in parts:
        sheet.paste(part, (0, top))
        top += part.height
    return sheet


def _half(judged: Judged, cache: FrameCache, caption: int, video: int, told: str) -> Image.Image:
    """The frames of a video that the encoder saw, with its score."""
    split = judged.split
    path, span_s = split.videos[video], split.span(video)
    clip = cache.clip(path, span_s)
    start_s, end_s = float(clip.times_s[0]), float(clip.times_s[-1]) + 0.01
    if span_s is not None:
        start_s, end_s = min(start_s, span_s[0]), max(end_s, min(span_s[1], end_s + 1))
    height, width = clip.pixels.shape[1:3]
    shown = Video(split.video_ids[video], path, max(end_s, 0.1), 0.0, width, height)
    moment = Moment(shown, Span(start_s, max(end_s, start_s)), float(judged.scores[caption, video]))
    frames = Frames(shown, clip.pixels, clip.times_s)
    return contact_sheet(moment, frames, query=f"{told}: {split.captions[caption]}")
