"""What a conversation is about after some turns: derived from the turns, and nothing else.

A planner's turns carry it in their memo; where they do not (another brain answered, or a test wrote
the turns by hand) the utterances are read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from whenabouts.dialogue.merging import changed, nouns
from whenabouts.dialogue.pieces import subject
from whenabouts.dialogue.plan import Lang, Plan, Ref, Scene
from whenabouts.dialogue.planner_en import EN
from whenabouts.dialogue.planner_zh import ZH
from whenabouts.dialogue.reading import read
from whenabouts.dialogue.spots import Spot, resolve
from whenabouts.library.filters import Filters
from whenabouts.types import Turn

_LISTED = 10
"""Results that a word for all of them rejects."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of ours that is open: for each answer the words for it, and what it adds."""

    about: str
    options: tuple[tuple[str, ...], ...]
    wants: tuple[str, ...]
    """What each answer adds to what is wanted; empty where it adds a condition."""
    filters: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What is wanted, what is shown and what is talked about."""

    lang: Lang = "en"
    wants: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: dict[str, Any] = field(default_factory=dict[str, Any])
    channels: tuple[str, ...] = ()
    example: Spot | None = None
    liked: tuple[Spot, ...] = ()
    disliked: tuple[Spot, ...] = ()
    page: int = 0
    listed: int = -1
    """The turn whose moments are on display as a list."""
    focus: Spot | None = None
    part: bool = False
    """Whether a part of the video in focus is meant."""
    told: str = ""
    """What the last moment was asked for with."""
    met: tuple[Spot, ...] = ()
    question: Question | None = None
    asked: tuple[str, ...] = ()
    """What we have asked about."""
    at: int = -1
    """The assistant's turn after which it was so."""

    @property
    def wanted(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.wants or self.filters or self.example or self.liked or self.without)

    @property
    def bounds(self) -> Filters:
        """The conditions on files."""
        return Filters.model_validate(self.filters)

    def scene(self, turns: Sequence[Turn]) -> Scene:
        """As much of it as words depend on."""
        shown = len(turns[self.listed].moments) if self.listed >= 0 else 0
        options = self.question.options if self.question else ()
        focus = self.focus is not None
        picked = self.focus is not None and self.focus.turn != self.listed
        return Scene(
            shown,
            focus,
            picked,
            self.part,
            self.wanted,
            len(self.met),
            options,
            self.lang,
            nouns(self.wants, ZH if self.lang == "zh" else EN),
            self.told,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; only what is not as at the beginning."""
        plain, empty = asdict(self), asdict(Topic())
        return {key: value for key, value in plain.items() if value != empty[key]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Topic:
        """The topic that `to_json` wrote."""
        told: dict[str, Any] = dict(values)
        for key in ("liked", "disliked", "met"):
            if key in told:
                told[key] = tuple(Spot(**spot) for spot in told[key])
        for key in ("example", "focus"):
            if told.get(key):
                told[key] = Spot(**told[key])
        for key in ("wants", "without", "channels", "asked"):
            if key in told:
                told[key] = tuple(told[key])
        if told.get("question"):
            asked = told["question"]
            options = tuple(tuple(words) for words in asked["options"])
            wants, filters = tuple(asked["wants"]), tuple(asked["filters"])
            told["question"] = Question(asked["about"], options, wants, filters)
        return cls(**told)


MEMO = "topic"


def topic_of(turns: Sequence[Turn], now: datetime) -> Topic:
    """What a conversation is about after `turns`."""
    first, topic = 0, Topic()
    for at in range(len(turns) - 1, -1, -1):
        if turns[at].role == "assistant" and MEMO in turns[at].memo:
            first, topic = at + 1, Topic.from_json(turns[at].memo[MEMO])
            break
    plan: Plan | None = None
    for at in range(first, len(turns)):
        turn = turns[at]
        if turn.role == "user":
            plan = read(turn.text, topic.scene(turns), now)
            if plan.do == "say" and _answered_by_a_list(turns, at):
                plan = Plan("find", plan.lang, turn.text)
            topic = advance(topic, plan, turns)
        else:
            list_stays = topic.listed >= 0 and (_chosen(topic, turns, turn) or _picks(plan))
            topic = settle(topic, turns, at, turn, listed=not list_stays)
    return topic


def _answered_by_a_list(turns: Sequence[Turn], at: int) -> bool:
    """Whether what sounded like talk was taken for a search."""
    behind = turns[at + 1] if at + 1 < len(turns) else None
    return behind is not None and behind.act == "videos" and len(behind.moments) > 1


def _picks(plan: Plan | None) -> bool:
    return plan is not None and plan.do in ("pick", "whole")


def _chosen(topic: Topic, turns: Sequence[Turn], turn: Turn) -> bool:
    """Whether an answer shows one of the list, and no search was narrowed to it."""
    if len(turn.moments) != 1 or topic.filters or topic.without:
        return False
    shown = {moment.video.id for moment in turns[topic.listed].moments}
    return turn.moments[0].video.id in shown and len(shown) > 1


def advance(topic: Topic, plan: Plan, turns: Sequence[Turn]) -> Topic:
    """What is wanted after an utterance, before it was answered."""
    topic = replace(topic, lang=plan.lang)
    if plan.do not in ("reply", "say", "fact", "show", "play", "export"):
        topic = replace(topic, question=None)
    step = _STEPS.get(plan.do)
    return topic if step is None else step(topic, plan, turns)


def settle(topic: Topic, turns: Sequence[Turn], at: int, turn: Turn, *, listed: bool) -> Topic:
    """What it is after an answer, turn number `at`; `listed`: its moments are a new list."""
    if not turn.moments:
        return replace(topic, at=at)
    spot = Spot(at, 0)
    video = turn.moments[0].video.id
    known = [turns[one.turn].moments[one.rank].video.id for one in topic.met]
    met = topic.met
    if met and topic.focus == met[-1] == Spot(topic.listed, 0) and not listed:
        met, known = met[:-1], known[:-1]  # what stood first was only shown; this one is meant
    met = met if video in known else (*met, spot)
    list_at = at if listed and turn.act in ("videos", "ask", "say") else topic.listed
    if list_at < 0:
        list_at = at
    return replace(topic, at=at, listed=list_at, focus=spot, part=turn.act == "moment", met=met)


def _find(_topic: Topic, plan: Plan, _turns: Sequence[Turn]) -> Topic:
    return replace(
        _topic,
        wants=(plan.text,) if plan.text else (),
        without=plan.without,
        filters=_told(plan.filters),
        channels=plan.channels,
        example=None,
        liked=(),
        disliked=(),
        page=0,
        asked=(),
        told="",
    )


def _refine(topic: Topic, plan: Plan, _turns: Sequence[Turn]) -> Topic:
    wants = topic.wants
    if plan.text and (plan.swaps or plan.instead):
        wants = changed(wants, plan.text, plan.instead, ZH if plan.lang == "zh" else EN)
    elif plan.text and plan.text not in wants:
        wants = (*wants, plan.text)
    without = tuple(dict.fromkeys((*topic.without, *plan.without)))
    return replace(
        topic,
        wants=wants,
        without=tuple(word for word in without if word not in wants),
        filters=topic.filters | _told(plan.filters),
        channels=plan.channels or topic.channels,
        page=0,
    )


def _similar(topic: Topic, plan: Plan, turns: Sequence[Turn]) -> Topic:
    """Like one that is shown: by its words where the change fits into them, else by its look."""
    spots = resolve(plan.refs, topic.listed, topic.focus, topic.met, turns)
    example = spots[0] if spots else topic.focus
    base = (topic.told,) if topic.told and topic.part else topic.wants
    fresh = replace(topic, liked=(), disliked=(), page=0, told="", asked=())
    if not plan.text:
        filters = topic.filters | _told(plan.filters) if plan.filters.any else {}
        return replace(fresh, wants=(), without=plan.without, filters=filters, example=example)
    wants = changed(base, plan.text, (), ZH if plan.lang == "zh" else EN)
    swapped = len(wants) == len(base)
    fresh = replace(fresh, wants=wants, without=plan.without, filters=_told(plan.filters))
    return replace(fresh, example=None if swapped else example)


def _judge(topic: Topic, plan: Plan, turns: Sequence[Turn]) -> Topic:
    told = resolve(plan.refs, topic.listed, topic.focus, topic.met, turns)[:_LISTED]
    wrong = resolve(plan.disliked, topic.listed, topic.focus, topic.met, turns)[:_LISTED]
    if Ref("all") in plan.disliked:  # the others are wrong
        wrong = _minus(wrong, told)
    right, wrong = (told, wrong) if plan.step > 0 else ((), told)
    liked = tuple(dict.fromkeys((*_minus(topic.liked, wrong), *right)))
    disliked = tuple(dict.fromkeys((*_minus(topic.disliked, right), *wrong)))
    return replace(topic, liked=liked, disliked=disliked, page=0)


def _minus(spots: Sequence[Spot], gone: Sequence[Spot]) -> tuple[Spot, ...]:
    return tuple(spot for spot in spots if spot not in gone)


def _reply(topic: Topic, plan: Plan, _turns: Sequence[Turn]) -> Topic:
    question = topic.question
    done = replace(topic, question=None, page=0)
    if question is None or plan.kind == "none":
        return done
    at = int(plan.kind)
    wants = (*topic.wants, question.wants[at]) if question.wants[at] else topic.wants
    return replace(done, wants=wants, filters=topic.filters | question.filters[at])


def _moment(topic: Topic, plan: Plan, _turns: Sequence[Turn]) -> Topic:
    return replace(topic, told=plan.text or topic.told)


def _answer(topic: Topic, plan: Plan, _turns: Sequence[Turn]) -> Topic:
    return replace(topic, told=subject(plan.text, ZH if plan.lang == "zh" else EN) or topic.told)


def _restart(topic: Topic, _plan: Plan, _turns: Sequence[Turn]) -> Topic:
    return Topic(topic.lang, met=topic.met, at=topic.at)


def _more(topic: Topic, _plan: Plan, _turns: Sequence[Turn]) -> Topic:
    return replace(topic, page=topic.page + 1)


def _told(filters: Filters) -> dict[str, Any]:
    return filters.model_dump(mode="json", exclude_defaults=True)


_STEPS = {
    "find": _find, "refine": _refine, "filter": _refine, "similar": _similar, "judge": _judge,
    "reply": _reply, "moment": _moment, "answer": _answer, "restart": _restart, "more": _more,
}  # fmt: skip
