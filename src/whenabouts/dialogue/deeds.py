"""Turns that act on results: pick, show, play, export, compare.

Nothing is opened or written here: a turn carries a `request`, and whoever shows it does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from whenabouts.dialogue.desk import date_of
from whenabouts.dialogue.step import Step
from whenabouts.dialogue.topic import MEMO
from whenabouts.dialogue.words import date, length, name, span, why
from whenabouts.types import Act, Moment, Turn, clock

_MOST = 4
"""Results that are compared."""


def pick(step: Step) -> Turn:
    """One of the results comes into focus."""
    meant = step.meant()
    if not meant:
        return step.unclear()
    first = meant[0]
    values = {"name": name(first), "length": length(first.video.duration_s, step.plan.lang)}
    text = step.phrase("picked", why=why(first, step.plan.lang), **values)
    return step.shown("videos", text, meant, listed=False)


def whole(step: Step) -> Turn:
    """All of the video in focus."""
    meant = step.meant()
    if not meant:
        return step.unclear()
    video = meant[0].video
    every = replace(meant[0], span=video.span)
    text = step.phrase("whole", name=name(every), length=length(video.duration_s, step.plan.lang))
    return step.shown("videos", text, (every,), listed=False)


def show(step: Step) -> Turn:
    """The evidence of a result in full."""
    meant = step.meant()
    if not meant:
        return step.unclear()
    first = meant[0]
    told = why(first, step.plan.lang) or length(first.video.duration_s, step.plan.lang)
    text = step.phrase("show", name=name(first), span=span(first), why=told)
    return _asked(step, "show", text, meant[:1], {})


def play(step: Step) -> Turn:
    """A result in a player."""
    meant = step.meant()
    if not meant:
        return step.unclear()
    gone = _missing(step, meant[:1])
    if gone is not None:
        return gone
    text = step.phrase("play", name=name(meant[0]), time=clock(meant[0].span.start_s))
    return _asked(step, "play", text, meant[:1], {})


def export(step: Step) -> Turn:
    """Results as clips, a list, chapters, a timeline or a picture."""
    meant = step.meant()
    if not meant:
        return step.unclear()
    kind = step.plan.kind or "clip"
    gone = _missing(step, meant) if kind in ("clip", "picture") else None
    if gone is not None:
        return gone
    first = meant[0]
    values = {"count": len(meant), "kind": kind, "name": name(first), "span": span(first)}
    return _asked(step, "export", step.phrase("export", **values), meant, {"to": kind})


def _missing(step: Step, moments: Sequence[Moment]) -> Turn | None:
    """A turn that says so where a file is gone."""
    for moment in moments:
        if not moment.video.path.exists():
            path = str(moment.video.path)
            return step.said("missing file", step.before, name=name(moment), path=path)
    return None


def _asked(
    step: Step, act: Act, text: str, moments: Sequence[Moment], more: dict[str, str]
) -> Turn:
    """A turn that asks for a deed; what is talked about stays a moment."""
    turn = step.shown(act, text, moments, listed=False)
    topic = turn.memo[MEMO] | {"part": step.before.part}
    return replace(turn, memo={MEMO: topic, "request": {"do": act, **more}})


def compare(step: Step) -> Turn:
    """Results side by side: lengths, dates, how alike they look, why they were found."""
    meant = step.meant() if step.plan.refs else ()
    if len(meant) < 2:
        listed = step.turns[step.before.listed].moments if step.before.listed >= 0 else ()
        meant = (*meant, *(m for m in listed if m not in meant))[: max(2, len(meant))]
    meant = meant[:_MOST]
    if len(meant) < 2:
        return step.said("compare two", step.before)
    lines = [_line(step, number, moment) for number, moment in enumerate(meant, start=1)]
    alike = _alike(step, meant)
    if alike:
        lines.append(alike)
    text = step.phrase("compare", lines="\n".join(lines))
    return step.shown("compare", text, meant, listed=False)


def _line(step: Step, number: int, moment: Moment) -> str:
    lang, row = step.plan.lang, step.desk.row(moment.video)
    parts = [length(moment.video.duration_s, lang), f"{moment.video.width}x{moment.video.height}"]
    if row is not None:
        parts.append(date(date_of(row), lang))
    told = why(moment, lang)
    comma = "，" if lang == "zh" else ", "
    return f"{number}. {name(moment)}: {comma.join(parts)}. {told}".rstrip()


def _alike(step: Step, moments: Sequence[Moment]) -> str:
    """How alike the first two look, 0 to 1, from the means of their stored frames."""
    stored = step.desk.library.frames([moment.video.id for moment in moments])
    means: list[np.ndarray] = []
    for moment in moments[:2]:
        frames = stored.get(moment.video.id)
        if frames is None or not len(frames):
            return ""
        mean = np.asarray(frames.vectors, np.float32).mean(axis=0)
        means.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
    share = float(means[0] @ means[1])
    return (
        f"画面相似度：{share:.2f}"
        if step.plan.lang == "zh"
        else f"How alike 1 and 2 look: {share:.2f}"
    )
