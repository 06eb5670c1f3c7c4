"""Turns that end in a list: find, refine, like and dislike, more, something similar."""

from __future__ import annotations

from dataclasses import replace

from whenabouts.dialogue.desk import Found
from whenabouts.dialogue.merging import joined
from whenabouts.dialogue.question import Asking
from whenabouts.dialogue.step import Step
from whenabouts.dialogue.topic import Topic
from whenabouts.dialogue.words import conditions, name, span, why
from whenabouts.types import Moment, Turn

_ANOTHER_QUESTION = 2
"""At most so many questions for one search."""


def find(step: Step) -> Turn:
    """The best videos for all that is wanted, or an honest no, or a question."""
    if not step.topic.wanted:
        return step.said("say empty", step.topic)
    found = step.desk.find(step.wish, step.limit, step.limit * step.topic.page)
    if not found.moments:
        return _none(step, found)
    asking = _asking(step, found)
    first = found.moments[0]
    if asking is not None:
        asked = (*step.topic.asked, asking.question.about)
        step = replace(step, topic=replace(step.topic, question=asking.question, asked=asked))
        text = step.phrase("ask", question=asking.text)
        return step.shown("ask", f"{_best(step, found)} {text}", found.moments, listed=True)
    if not step.topic.wants and step.topic.example is None and not step.topic.liked:
        text = step.phrase("browsed", count=len(found.moments), name=name(first))
        return step.shown("videos", f"{text} {_told(step)}".strip(), found.moments, listed=True)
    memo = {} if found.sure else {"sure": False}
    text = f"{_best(step, found)} {_told(step)}".strip()
    # Nothing is claimed to be found: what comes nearest is shown for what it is.
    act = "videos" if found.sure or step.topic.liked else "say"
    return step.shown(act, text, found.moments, listed=True, memo=memo)


def _best(step: Step, found: Found) -> str:
    first, lang = found.moments[0], step.plan.lang
    if not found.sure:
        return step.phrase("unsure", name=name(first), span=span(first))
    key = "found" if len(found.moments) > 1 else "found one"
    count = len(found.moments)
    values = {"name": name(first), "span": span(first), "why": why(first, lang)}
    return step.phrase(key, count=count, **values)


def _told(step: Step) -> str:
    """What was left out and which conditions hold, so that nobody wonders."""
    lang, topic = step.plan.lang, step.topic
    parts: list[str] = []
    if topic.without:
        parts.append(step.phrase("without", words=joined(topic.without, lang)))
    if topic.filters:
        parts.append(step.phrase("limits", words=conditions(topic.filters, lang)))
    return " ".join(parts)


def _none(step: Step, found: Found) -> Turn:
    if not step.desk.library.videos():
        return step.said("empty library", step.topic)
    if step.topic.page:
        return step.said("nothing more", replace(step.topic, page=step.topic.page - 1))
    reason = _told(step) if step.topic.filters else found.reason
    return step.said("nothing", step.topic, reason=reason)


def _asking(step: Step, found: Found) -> Asking | None:
    """A question, where the candidates tie and none was asked just before."""
    topic = step.topic
    if step.asker is None or topic.page or not topic.wants or step.plan.do == "reply":
        return None
    if len(topic.asked) >= _ANOTHER_QUESTION or not found.sure:
        return None
    said = " ".join((*topic.wants, *topic.without))
    return step.asker.best(found.moments, topic.asked, said, step.plan.lang)


def similar(step: Step) -> Turn:
    """Like one that is shown, as it is or with a change."""
    if step.topic.example is None and step.topic.wants == step.before.wants:
        return step.unclear()
    found = step.desk.find(step.wish, step.limit, 0)
    current = step.meant()
    moments = _others(found.moments, current)
    if not moments:
        return step.said("no similar", step.topic)
    first = moments[0]
    values = {"name": name(first), "span": span(first), "why": why(first, step.plan.lang)}
    text = f"{step.phrase('similar', **values)} {_told(step)}".strip()
    return step.shown("videos", text, moments, listed=True)


def _others(moments: tuple[Moment, ...], current: tuple[Moment, ...]) -> tuple[Moment, ...]:
    known = {moment.video.id for moment in current}
    return tuple(moment for moment in moments if moment.video.id not in known)


def judge(step: Step) -> Turn:
    """Results liked or disliked: the list in its new order."""
    if step.topic.liked == step.before.liked and step.topic.disliked == step.before.disliked:
        return step.unclear()
    found = step.desk.find(step.wish, step.limit, 0)
    if not found.moments:
        return step.said("nothing more", step.topic)
    first = found.moments[0]
    key = "liked" if step.plan.step > 0 else "disliked"
    text = step.phrase(key, name=name(first), span=span(first))
    return step.shown("videos", text, found.moments, listed=True)


def more(step: Step) -> Turn:
    """Further results of the same search."""
    if not step.topic.wanted:
        return step.said("which none", step.before)
    skip = step.limit * step.topic.page
    found = step.desk.find(step.wish, step.limit, skip)
    if not found.moments:
        stays: Topic = replace(step.topic, page=step.topic.page - 1)
        return step.said("nothing more", stays)
    text = step.phrase("more", count=len(found.moments), skip=skip)
    return step.shown("videos", text, found.moments, listed=True)
