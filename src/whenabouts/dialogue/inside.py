"""Turns about one video: when something happens, the part beside it, answers, facts."""

from __future__ import annotations

from dataclasses import replace

from whenabouts.dialogue.desk import Wish, date_of
from whenabouts.dialogue.phrases import phrase
from whenabouts.dialogue.step import Step
from whenabouts.dialogue.words import date, length, name, quoted, span, why
from whenabouts.errors import WhenaboutsError
from whenabouts.types import Evidence, Moment, Span, Turn, clock

_OTHERS = 2
"""Further moments of the same video that are shown."""
_LINES = 8
"""Lines of speech or text that are told."""
_BETTER = 1.2
"""Another video is told where it fits better by this factor."""


def moment(step: Step) -> Turn:
    """When it happens: in the video that is meant, else in the one where it fits best."""
    text = step.topic.told or (step.topic.wants[-1] if step.topic.wants else "")
    if not text:
        return step.unclear()
    if step.plan.refs and not step.meant():
        return step.unclear()
    meant = step.meant()
    if not meant:
        return _anywhere(step, text)
    video = meant[0].video
    found, sure = step.desk.moments(text, video)
    if not found:
        return step.said("no moment", step.before, name=video.path.name)
    best, notes = step.desk.sharpened(found[0], text)
    if step.plan.kind:
        return _besides(step, best)
    moments = (best, *found[1 : 1 + _OTHERS])
    values = {"name": name(best), "span": span(best), "why": why(best, step.plan.lang)}
    told = step.phrase("moment" if sure else "moment unsure", **values)
    told = " ".join((told, *notes))
    return step.shown("moment", told, moments, listed=False, memo={} if sure else {"sure": False})


def _anywhere(step: Step, text: str) -> Turn:
    """No video is talked about yet: the best moment of the whole library."""
    found = step.desk.find(Wish((text,), filters=step.topic.bounds), step.limit)
    if not found.moments:
        empty = not step.desk.library.videos()
        key = "empty library" if empty else "nothing"
        return step.said(key, step.before, reason=found.reason)
    best, notes = step.desk.sharpened(found.moments[0], text)
    values = {"name": name(best), "span": span(best), "why": why(best, step.plan.lang)}
    told = " ".join((step.phrase("moment" if found.sure else "unsure", **values), *notes))
    step = replace(step, topic=replace(step.topic, wants=(text,)))
    memo = {} if found.sure else {"sure": False}
    return step.shown("moment", told, (best, *found.moments[1:]), listed=True, memo=memo)


def beside(step: Step) -> Turn:
    """The part before or after what is talked about."""
    meant = step.meant()
    if not meant:
        return step.unclear()
    if step.plan.kind:
        part = step.desk.edge(meant[0], end=step.plan.kind == "end")
        text = step.phrase(step.plan.kind, span=span(part), name=name(part))
        return step.shown("moment", text, (part,), listed=False)
    return _besides(step, meant[0])


def _besides(step: Step, known: Moment) -> Turn:
    """The part before or after a moment."""
    after = step.plan.step > 0 or step.plan.kind == "after"
    found = step.desk.beside(known, 1 if after else -1)
    if found is None:
        return step.said("no after" if after else "no before", step.before, name=name(known))
    text = step.phrase("after" if after else "before", span=span(found), name=name(found))
    return step.shown("moment", text, (found,), listed=False)


def answer(step: Step) -> Turn:
    """What the video model says; without one, what is stored and what would be needed."""
    meant = step.meant()
    if not meant:
        return step.unclear()
    about = meant[0]
    try:
        told = step.desk.tell(step.plan.text, about.video, step.turns[:-1], step.on_text)
    except WhenaboutsError as error:
        text = step.phrase("model failed", reason=str(error))
        return step.shown("answer", text, (about,), listed=False, memo={"sure": False})
    if told is None:
        text = step.phrase("needs model", name=name(about))
        kept = (about, *_stored(step, about))
        return step.shown("answer", text, kept[:4], listed=False, memo={"sure": False})
    text = " ".join((told.turn.text or step.phrase("answer empty"), *told.notes))
    return step.shown("answer", text, told.turn.moments or (about,), listed=False)


def _stored(step: Step, about: Moment) -> list[Moment]:
    """Pieces of text of the video around what is talked about, as evidence."""
    channels = ("speech", "subtitle", "screen", "chapter")
    found: list[Moment] = []
    for row in step.desk.texts(about.video, channels, about.span)[:3]:
        end_s = max(row.start_s, min(row.end_s, about.video.duration_s))
        why_ = Evidence(row.channel, 1.0, row.text, row.start_s)  # pyright: ignore[reportArgumentType] # asked for these only
        found.append(Moment(about.video, Span(row.start_s, end_s), 1.0, row.text, (why_,)))
    return found


def fact(step: Step) -> Turn:
    """What the library knows without looking at the pictures."""
    if step.plan.kind == "count":
        rows = step.desk.library.videos()
        whole = length(sum(row.duration_s for row in rows), step.plan.lang)
        return step.said("count", step.before, count=len(rows), length=whole)
    meant = step.meant()
    if not meant:
        return step.unclear()
    about = meant[0]
    if step.plan.kind in ("speech", "screen"):
        return _texts(step, about)
    text = known(step, about, step.plan.kind)
    return step.shown("answer", text, (about,), listed=False)


def known(step: Step, about: Moment, kind: str) -> str:
    """A fact of a file in a sentence."""
    lang, row = step.plan.lang, step.desk.row(about.video)
    values: dict[str, object] = {"name": name(about)}
    if kind == "length":
        values["length"] = length(about.video.duration_s, lang)
    elif kind == "date" and row is not None:
        values["date"] = date(date_of(row), lang)
        kind = "date" if row.created_s is not None else "date file"
    elif kind == "size":
        video = about.video
        values |= {"width": video.width, "height": video.height, "fps": f"{video.fps:g}"}
    else:
        kind, values = "name", {"path": str(about.video.path)}
    return phrase(lang, kind, **values)


def _texts(step: Step, about: Moment) -> Turn:
    """What is said or written in a video, or in the part of it that is talked about."""
    spoken = step.plan.kind == "speech"
    channels = ("speech", "subtitle") if spoken else ("screen",)
    part = about.span if step.before.part else None
    rows = step.desk.texts(about.video, channels, part)
    if not rows:
        return step.shown(
            "answer", step.phrase(f"no {step.plan.kind}", name=name(about)), (about,), listed=False
        )
    lines = " / ".join(f"{clock(row.start_s)} {quoted(row.text)}" for row in rows[:_LINES])
    text = step.phrase(step.plan.kind, name=name(about), words=lines)
    moments = [
        Moment(
            about.video,
            Span(row.start_s, max(row.start_s, min(row.end_s, about.video.duration_s))),
            1.0,
            row.text,
            (Evidence(channels[0], 1.0, row.text, row.start_s),),
        )
        for row in rows[:_LINES]
        if row.start_s <= about.video.duration_s
    ]
    return step.shown("answer", text, moments or (about,), listed=False)
