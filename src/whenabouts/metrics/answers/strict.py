"""Times out of free text by rules that a person would agree with; English and Chinese.

A number is a time only where the text says so: a clock (1:05), a unit of seconds, or words such as
"from .. to" around it. Nothing is repaired in silence: what was put in order, cut to the video or
left out is listed in `problems`, and an answer without a time is an empty reading that says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whenabouts.metrics.highlights import CLIP_S
from whenabouts.models.time_tokens import TIME_TOKENS, plain_times
from whenabouts.types import Span

_CLOCK = r"\d+:[0-5]?\d(?::[0-5]?\d)?(?:\.\d+)?"
_TIME = rf"(?:{_CLOCK}|\d+(?:\.\d+)?)"
_UNIT = r"(?:\s*(?:seconds?|secs?\.?|s\b|秒))"
_OTHER_UNIT = r"\s*(?:minutes?|mins?\b|hours?|inch|%|percent|分钟|小时)"
_BETWEEN = r"\s*(?:-|–|—|~|to|until|till|and|到|至)\s*(?:at\s+)?"
_LEAD = r"(?:from|between|at|in|start(?:s|ing|ed)?(?: time)?:?(?: is| at)?|从|在|于)\s*(?:the\s+)?"
_RANGE = re.compile(
    rf"(?P<lead>{_LEAD})?(?P<minus>(?<![\w.])-)?(?P<start>(?<![\d.:]){_TIME})(?P<unit>{_UNIT})?"
    rf"{_BETWEEN}(?P<end_minus>-)?(?P<end>{_TIME})(?P<ending>{_UNIT})?(?P<other>{_OTHER_UNIT})?",
    re.IGNORECASE,
)
_POINT = re.compile(
    rf"(?P<minus>(?<![\w.])-)?(?:(?P<clock>(?<![\d.:]){_CLOCK}){_UNIT}?"
    rf"|(?P<number>(?<![\d.:])\d+(?:\.\d+)?)(?:st|nd|rd|th)?{_UNIT})",
    re.IGNORECASE,
)
_SCORE = re.compile(
    r"(?:score|saliency|significance|得分|分数)\D{0,12}(\d+(?:\.\d+)?)", re.IGNORECASE
)
_LISTED_TIMES = re.compile(rf"((?:{_TIME}\s*[,，、]\s*)+{_TIME}){_UNIT}", re.IGNORECASE)
_LISTED_SCORES = re.compile(
    r"(?:scores?|得分|分数)[^\d]{0,12}((?:\d+(?:\.\d+)?\s*[,，、]\s*)*\d+(?:\.\d+)?)", re.IGNORECASE
)
_NEXT_NUMBER = re.compile(r"\n\s*\d+[.)]?\s*$")
"""The number of the next entry of a list."""
_EDGES = " \t\n,，.;；:：-–—*()（）。、"

_ABSENT = re.compile(
    r"\b(?:do(?:es)? not|do(?:es)?n't|did not|didn't|never|is not|isn't) "
    r"(?:happen|occur|appear|take place|shown|seen|visible|present|in the video)"
    r"|(?:没有|没|未|不)(?:在视频中)?(?:出现|发生|看到|显示)",
    re.IGNORECASE,
)

NO_TIME = "the answer names no time"
ABSENT = "the answer says that it does not happen"
STARTS_ALONE = "the answer names starts alone; each event is taken to last until the next"


@dataclass(frozen=True, slots=True)
class Event:
    """A stretch that an answer names, with what it says happens there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Events in the order of the answer, and what was wrong with it."""

    events: tuple[Event, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Highlights:
    """(time in s, score) in the order of the answer, and what was wrong with it."""

    points: tuple[tuple[float, float], ...]
    problems: tuple[str, ...]


def read_events(answer: str, duration_s: float, *, starts: bool = False) -> Reading:
    """Every stretch of an answer with its caption: the text behind it, else the text before it.

    Reversed stretches are put in order; what lies outside the video is cut or left out. With
    `starts` an answer without stretches may name where each event begins, as ViTT's do.
    """
    text = _plain(answer)
    found = [match for match in _RANGE.finditer(text) if _is_range(match)]
    problems: list[str] = []
    events: list[Event] = []
    ends = [match.end() for match in found]
    nexts = [match.start() for match in found[1:]] + [len(text)] if found else []
    for match, first, last in zip(found, ends, nexts, strict=True):
        span = _span(match, duration_s, problems)
        if span is not None:
            behind = _NEXT_NUMBER.sub("", text[first:last]).strip(_EDGES)
            line = text[: match.start()].rsplit("\n", 1)[-1]
            before = re.split(r"(?<=[.。!?])\s", line)[-1].strip(_EDGES)
            events.append(Event(span, behind if behind or len(found) > 1 else before))
    if not found:
        begun = _from_starts(text, duration_s) if starts else ()
        return Reading(begun, (STARTS_ALONE if begun else NO_TIME,))
    return Reading(tuple(events), tuple(problems))


def _from_starts(text: str, duration_s: float) -> tuple[Event, ...]:
    """Events that last until the next one begins, or the video ends."""
    points = [point for point in _POINT.finditer(text) if not point["minus"]]
    if not points:
        return ()
    times = [_seconds(point["clock"] or point["number"]) for point in points]
    places = [*(point.start() for point in points[1:]), len(text)]
    events: list[Event] = []
    for point, start_s, end_s, place in zip(
        points, times, [*times[1:], duration_s], places, strict=True
    ):
        said = text[point.end() : place].strip(_EDGES)
        if said and start_s < (end_s := min(end_s, duration_s)):
            events.append(Event(Span(start_s, end_s), said))
    return tuple(events)


def read_span(answer: str, duration_s: float) -> Reading:
    """The stretch that answers a query: the first of the answer, or its first two single times."""
    reading = read_events(answer, duration_s)
    if reading.events or NO_TIME not in reading.problems:
        return Reading(reading.events[:1], reading.problems)
    points = list(_POINT.finditer(_plain(answer)))
    if len(points) < 2:
        if points:
            return Reading((), ("the answer names one time and no stretch",))
        return Reading((), (ABSENT if _ABSENT.search(answer) else NO_TIME,))
    problems: list[str] = []
    if any(point["minus"] for point in points[:2]):
        return Reading((), ("a time below 0 was left out",))
    edges = [_seconds(point["clock"] or point["number"]) for point in points[:2]]
    span = _fitted(edges[0], edges[1], duration_s, problems)
    return Reading(() if span is None else (Event(span, ""),), tuple(problems))


def read_highlights(answer: str, duration_s: float) -> Highlights:
    """Times with their scores, from a list of each or from times followed by a score each."""
    text = _plain(answer)
    problems: list[str] = []
    times_list, scores_list = _LISTED_TIMES.search(text), _LISTED_SCORES.search(text)
    if (
        times_list
        and scores_list
        and "," in times_list.group().replace("，", ",").replace("、", ",")
    ):
        times = [_seconds(time) for time in re.findall(_TIME, times_list.group(1))]
        scores = [float(score) for score in re.findall(r"\d+(?:\.\d+)?", scores_list.group(1))]
        if len(times) != len(scores):
            problems.append(f"{len(times)} times for {len(scores)} scores; the rest was left out")
        pairs = list(zip(times, scores, strict=False))
    else:
        pairs = _told_one_by_one(text)
    kept = [(time_s, score) for time_s, score in pairs if 0 <= time_s <= duration_s]
    if len(kept) < len(pairs):
        problems.append(f"{len(pairs) - len(kept)} times outside the video were left out")
    if not pairs:
        problems.append("the answer names no time with a score")
    return Highlights(tuple(kept), tuple(problems))


def clip_scores(highlights: Highlights, duration_s: float) -> list[float]:
    """A score for each whole clip: the mean of what was said inside it, 0 where nothing was."""
    clips = int(duration_s / CLIP_S)
    said: dict[int, list[float]] = {}
    for time_s, score in highlights.points:
        said.setdefault(min(int(time_s / CLIP_S), clips - 1), []).append(score)
    return [sum(said[c]) / len(said[c]) if c in said else 0.0 for c in range(clips)]


def _told_one_by_one(text: str) -> list[tuple[float, float]]:
    points = [match for match in _POINT.finditer(text) if not match["minus"]]
    ends = [point.start() for point in points[1:]] + [len(text)]
    found: list[tuple[float, float]] = []
    for point, end in zip(points, ends, strict=False):
        score = _SCORE.search(text[point.end() : end])
        if score:
            found.append((_seconds(point["clock"] or point["number"]), float(score.group(1))))
    return found


def _plain(answer: str) -> str:
    """Time tokens as digits; other text is left as it is, spaces between numbers included."""
    if not any(token in answer for token in TIME_TOKENS):
        return answer
    tokens = "|".join(TIME_TOKENS)
    return re.sub(rf"(?:{tokens})(?:\s*(?:{tokens}))*", lambda m: plain_times(m.group()), answer)


def _is_range(match: re.Match[str]) -> bool:
    """Whether a pair of numbers is meant as times."""
    clocks = ":" in match["start"] and ":" in match["end"]
    told = clocks or match["unit"] or match["ending"] or match["lead"]
    return bool(told) and not match["other"]


def _span(match: re.Match[str], duration_s: float, problems: list[str]) -> Span | None:
    if match["minus"] or match["end_minus"]:
        problems.append(f"{match.group().strip()!r} has a time below 0 and was left out")
        return None
    return _fitted(_seconds(match["start"]), _seconds(match["end"]), duration_s, problems)


def _fitted(start_s: float, end_s: float, duration_s: float, problems: list[str]) -> Span | None:
    """The span in order and inside the video; None where nothing of it is."""
    told = f"{start_s:g} - {end_s:g} s"
    if start_s > end_s:
        problems.append(f"{told} is reversed and was put in order")
        start_s, end_s = end_s, start_s
    if start_s == end_s:
        problems.append(f"{told} has no length and was left out")
        return None
    if start_s >= duration_s:
        problems.append(f"{told} lies behind the end of the video, {duration_s:g} s")
        return None
    if end_s > duration_s:
        problems.append(f"{told} was cut at the end of the video, {duration_s:g} s")
    return Span(start_s, min(end_s, duration_s))


def _seconds(time: str) -> float:
    total = 0.0
    for part in time.split(":"):
        total = 60.0 * total + float(part)
    return total
