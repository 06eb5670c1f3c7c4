"""What a chat model may do: look things up. Each tool checks what it is given; none changes a library.

A model's words are data from outside. So are texts out of videos, which it reads in answers of tools:
whatever they say, only what stands here can happen, and an export or a player only when the
user's own words of this turn ask for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from whenabouts.dialogue.desk import Desk, Wish
from whenabouts.dialogue.pieces import cleaned
from whenabouts.dialogue.plan import Plan
from whenabouts.dialogue.words import quoted
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.library.filters import Filters
from whenabouts.types import Moment, Turn

LIMIT = 10
"""Results of a call."""
TEXT = 500
"""Characters of a text that a tool takes."""
LONGEST_S = 1e7
"""No length of a video is above this."""
FORMATS = ("clip", "csv", "vtt", "otio", "picture")


def _tool(name: str, what: str, needs: Sequence[str], **fields: dict[str, Any]) -> dict[str, Any]:
    shape = {"type": "object", "properties": fields, "required": list(needs)}
    return {
        "type": "function",
        "function": {"name": name, "description": what, "parameters": shape},
    }


_NUMBER = {"type": "integer", "description": "number of a result"}
_TEXT = {"type": "string"}
SCHEMAS: tuple[dict[str, Any], ...] = (
    _tool(
        "search", "Videos that fit a description, best first, numbered.", ("text",),
        text=_TEXT, without={"type": "array", "items": _TEXT},
        shortest_s={"type": "number"}, longest_s={"type": "number"},
    ),
    _tool("moment", "When something happens in the video of a result.", ("result", "text"), result=_NUMBER, text=_TEXT),
    _tool("beside", "The part before (-1) or after (1) a result.", ("result", "step"), result=_NUMBER, step={"type": "integer"}),
    _tool("similar", "Videos that look like a result.", ("result",), result=_NUMBER),
    _tool("ask", "Ask a video model about the video of a result.", ("result", "question"), result=_NUMBER, question=_TEXT),
    _tool("facts", "Name, length and texts of the video of a result.", ("result",), result=_NUMBER),
    _tool("export", "Export results; only when the user has just asked for it.", ("results", "to"), results={"type": "array", "items": {"type": "integer"}}, to={"type": "string", "enum": list(FORMATS)}),
    _tool("play", "Play a result; only when the user has just asked for it.", ("result",), result=_NUMBER),
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Toolbox:
    """The tools for one turn, and what came of them."""

    desk: Desk
    plan: Plan
    """How the user's own words of this turn are read: what they explicitly ask for."""
    history: Sequence[Turn]
    results: list[Moment] = field(default_factory=list[Moment])
    """Numbered from 1; those of earlier turns come first."""
    shown: tuple[Moment, ...] = ()
    """What the last look-up found."""
    wants: str = ""
    """The last description that was searched."""
    request: dict[str, Any] | None = None

    def call(self, name: object, arguments: object) -> str:
        """What a tool answers, as JSON; a wrong call is answered with what is wrong."""
        try:
            tools = _TOOLS
            if not isinstance(name, str) or name not in tools:
                raise InputError(
                    f"there is no tool {str(name)[:40]!r}; there are {', '.join(tools)}"
                )
            value = tools[name](self, _read(arguments))
        except (WhenaboutsError, OSError) as error:
            value = {"error": str(error)[:TEXT]}
        return json.dumps(value, ensure_ascii=False)

    def result(self, values: dict[str, Any], key: str = "result") -> Moment:
        """The result of that number."""
        return self.numbered(values.get(key))

    def numbered(self, number: object) -> Moment:
        """The result of that number."""
        if not isinstance(number, int) or isinstance(number, bool):
            raise InputError(f"a result is a whole number, got {str(number)[:40]!r}")
        if not 1 <= number <= len(self.results):
            raise InputError(f"there is no result {number}; there are {len(self.results)}")
        return self.results[number - 1]

    def told(self, moments: Sequence[Moment]) -> dict[str, Any]:
        """Results with their numbers; texts out of videos are quoted and short."""
        self.shown = tuple(moments)
        rows: list[dict[str, Any]] = []
        for moment in moments:
            self.results.append(moment)
            rows.append({"result": len(self.results), **summary(moment)})
        return {"results": rows}


def summary(moment: Moment) -> dict[str, Any]:
    """A result for a chat model."""
    texts = [quoted(e.text) for e in moment.evidence[:2] if e.text]
    return {
        "video": quoted(moment.video.path.name),
        "from_s": round(moment.span.start_s, 1),
        "to_s": round(moment.span.end_s, 1),
        "score": round(moment.score, 2),
        "text_in_video": texts,
    }


def _read(arguments: object) -> dict[str, Any]:
    """The arguments of a call, a JSON object or the text of one."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except (ValueError, RecursionError) as error:
            raise InputError(f"the arguments are no JSON: {error}") from error
    if not isinstance(arguments, dict):
        raise InputError("the arguments must be a JSON object")
    return {str(key): value for key, value in arguments.items()}


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not cleaned(value):
        raise InputError(f"{key} must be a text")
    return cleaned(value)[:TEXT]


def _seconds(values: dict[str, Any], key: str) -> float | None:
    value = values.get(key)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not -LONGEST_S < value < LONGEST_S:
        raise InputError(f"{key} must be seconds below {LONGEST_S:.0f}")
    return max(0.0, float(value))


def _search(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    without = values.get("without") or []
    if not isinstance(without, list):
        raise InputError("without must be a list of texts")
    filters = Filters(
        shortest_s=_seconds(values, "shortest_s"), longest_s=_seconds(values, "longest_s")
    )
    text = _text(values, "text")
    words = tuple(cleaned(str(word))[:TEXT] for word in without[:5])
    found = box.desk.find(Wish((text,), words, filters), LIMIT)
    box.wants = text
    if not found.moments:
        return {"results": [], "reason": found.reason}
    return {**box.told(found.moments), "sure": found.sure}


def _moment(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    text = _text(values, "text")
    found, sure = box.desk.moments(text, box.result(values).video)
    if not found:
        return {"results": [], "reason": found.reason}
    best, notes = box.desk.sharpened(found[0], text)
    return {**box.told((best, *found[1:3])), "sure": sure, "notes": list(notes)}


def _beside(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    step = values.get("step")
    if isinstance(step, bool) or step not in (-1, 1):
        raise InputError("step must be -1 or 1")
    found = box.desk.beside(box.result(values), step)
    return (
        {"results": [], "reason": "the video ends there"} if found is None else box.told((found,))
    )


def _similar(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    found = box.desk.find(Wish(example=box.result(values)), LIMIT)
    return box.told(found.moments)


def _ask(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    moment = box.result(values)
    told = box.desk.tell(_text(values, "question"), moment.video, box.history, None)
    if told is None:
        raise InputError(
            "there is no video model in this chat; tell the user to name one (--model)"
        )
    box.shown = told.turn.moments or (moment,)
    return {"answer": told.turn.text[:2000], "notes": list(told.notes)}


def _facts(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    moment = box.result(values)
    rows = box.desk.texts(moment.video, ("speech", "subtitle", "screen", "chapter"), moment.span)
    box.shown = (moment,)
    return {
        "name": quoted(moment.video.path.name),
        "length_s": round(moment.video.duration_s, 1),
        "text_in_video": [
            f"{row.channel} {row.start_s:.1f}: {quoted(row.text)}" for row in rows[:20]
        ],
    }


def _export(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    _allowed(box, "export")
    numbers = values.get("results")
    if not isinstance(numbers, list) or not numbers:
        raise InputError("results must be a list of numbers")
    moments = tuple(box.numbered(number) for number in numbers[:LIMIT])
    if values.get("to") not in FORMATS:
        raise InputError(f"to must be one of {', '.join(FORMATS)}")
    box.shown = moments
    box.request = {"do": "export", "to": values["to"]}
    return {"done": "it will be written when you have answered"}


def _play(box: Toolbox, values: dict[str, Any]) -> dict[str, Any]:
    _allowed(box, "play")
    box.shown = (box.result(values),)
    box.request = {"do": "play"}
    return {"done": "it will be played when you have answered"}


def _allowed(box: Toolbox, deed: str) -> None:
    """Only what the user's own words of this turn ask for."""
    plans = (box.plan, box.plan.then)
    if not any(plan is not None and plan.do == deed for plan in plans):
        raise InputError(f"the user has not asked to {deed} anything; ask them first")


_TOOLS: dict[str, Callable[[Toolbox, dict[str, Any]], dict[str, Any]]] = {
    "search": _search, "moment": _moment, "beside": _beside, "similar": _similar, "ask": _ask,
    "facts": _facts, "export": _export, "play": _play,
}  # fmt: skip
