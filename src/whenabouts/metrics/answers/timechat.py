"""Times out of free text the way TimeChat's evaluation reads them, its slips included.

Published figures rest on these rules, so they stay as they are; `strict` reads better. Windows are
[start_s, end_s] in the order of the answer and may be reversed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from whenabouts.metrics.highlights import CLIP_S

Window = list[float]

RANGE = re.compile(r"(\d+\.*\d*)\s*-\s*(\d+\.*\d*)")
WHOLE_NUMBER = re.compile(r"\b(?:\d+\.\d+|\d+)\b")
_START = re.compile(r"start(?:ing)? time: (\d+\.*\d*)")
_END = re.compile(r"end(?:ing)? time: (\d+\.*\d*)")
_START_END = re.compile(r"start time (\d+\.*\d*), end time (\d+\.*\d*)")
_CLOCK = re.compile(r"\d+\.*\d*:\d+\.*\d*")
_NUMBER = re.compile(r"\d+\.*\d*")
_AROUND_S = 20
"""A single time stands for this much before and after it."""

_GROUNDING_WORDS = ("start", "end", "happen")
"""`starts`, `ends`, `happens in`, `start time` and `end time` hold one of them."""

_TIME = re.compile(r"(?<![\d:.])\d+(?:\.\d+)?")
_SALIENCY = re.compile(r"\b\d\.\d\b")
_COUNT = re.compile(r"[Tt]here are (\d+) highlight moments")
_MOST_HIGHLIGHTS = 100
_LEAST_TIME_IN_LINES_S = 10.0


def dense_captions(answer: str, told: str | None = None) -> tuple[list[Window], list[str]]:
    """Windows and captions of a dense captioning answer, equally long.

    They are paired by position, so a range inside a caption shifts all that follow. `told`: the
    answer before it was cleaned, for the one rule that looks at it.
    """
    text = answer.lower()
    windows, pieces = _ranges(text)
    if not windows:
        windows, pieces = _labelled(text)
    if not windows:
        windows, pieces = _phrases(text)
    captions = [piece.strip().strip(", ") for piece in pieces if len(piece) > 5]
    length = min(len(windows), len(captions))
    if length:
        return windows[:length], captions[:length]
    return _single(answer if told is None else told)


def _ranges(text: str) -> tuple[list[Window], list[str]]:
    found = list(RANGE.finditer(text))
    rest = text
    for match in found:
        rest = rest.replace(match.group(), "\n")
    windows = [_floats(match.groups()) for match in found]
    return windows, rest.replace("seconds", "").split("\n")


def _labelled(text: str) -> tuple[list[Window], list[str]]:
    pairs = zip(_START.findall(text), _END.findall(text), strict=False)
    captions = re.findall(r"description: (.*)", text) or re.findall(r"\*\s*(.*)", text)
    return [_floats(pair) for pair in pairs], captions


def _phrases(text: str) -> tuple[list[Window], list[str]]:
    pieces = _START_END.sub("\n", text).split("\n")
    return [_floats(pair) for pair in _START_END.findall(text)], pieces


def _single(answer: str) -> tuple[list[Window], list[str]]:
    """The first line, or sentence, with a time that can be read; the others are not looked at."""
    if "\n" in answer:
        pieces = [line for line in answer.split("\n") if len(line) > 7]
    else:
        pieces = [f"{sentence}." for sentence in answer.split(".") if len(sentence) > 7]
    for piece in pieces:
        parts = piece.split("seconds")
        window = _near(parts[0])
        if window:
            return [window], [parts[-1].strip(",").strip()]
    return [], []


def _near(text: str) -> Window | None:
    """The window that a piece of text speaks of; None where the reference gives up on it."""
    found = RANGE.search(text)
    if found:
        return _floats(found.groups())
    clocks = _CLOCK.findall(text)
    colons = text.count(":")
    if colons in (1, 2):
        # A full stop glued to a clock time makes it unreadable there.
        if len(clocks) != colons or not all(re.fullmatch(r"\d+:\d+", clock) for clock in clocks):
            return None
        times = [60.0 * int(clock.split(":")[0]) + int(clock.split(":")[1]) for clock in clocks]
        return _around(times[0]) if colons == 1 else times
    numbers = _NUMBER.findall(text)
    try:
        times = [round(float(number), 2) for number in numbers]
    except ValueError:
        return None
    if len(times) == 1:
        return _around(times[0])
    return times if len(times) == 2 else None


def _around(time_s: float) -> Window:
    first_s = time_s - _AROUND_S if time_s > _AROUND_S else time_s
    return [round(first_s, 2), round(first_s + 2 * _AROUND_S, 2)]


def _floats(pair: Sequence[str]) -> Window:
    return [_float(text) for text in pair]


def _float(text: str) -> float:
    """A number that may end in several dots."""
    head, dot, tail = text.partition(".")
    return float(f"{head}{dot}{tail.lstrip('.')}")


def grounding(answer: str) -> list[Window]:
    """No or one window, its edges in order: the first range, else two sentences with a number.

    Sentences end at `!`, `?` and line breaks; of each that speaks of start or end the first number
    counts, so both times in one sentence are not found.
    """
    text = answer.lower()
    found = RANGE.search(text)
    if found:
        return [sorted(_floats(found.groups()))]
    sentences = [
        sentence
        for sentence in re.split(r"[!?\n]", text)
        if any(word in sentence for word in _GROUNDING_WORDS)
    ]
    times = [float(n.group()) for n in map(WHOLE_NUMBER.search, sentences) if n]
    return [sorted(times[:2])] if len(times) > 1 else []


def highlights(answer: str) -> tuple[list[float], list[float]]:
    """Times in s and their scores as read; aligned, padded with 0, only if there are two times."""
    text = answer.replace("th", " ")
    seconds, scores = text.count("second"), text.count("score")
    if not (seconds and scores):
        return [], []
    times, saliencies = _listed(text) if max(seconds, scores) < 3 else _by_line(text)
    if len(times) > 1:
        saliencies = [*saliencies, *[0.0] * len(times)][: len(times)]
    return times, saliencies


def _listed(text: str) -> tuple[list[float], list[float]]:
    """One list of times and one of scores, as TimeIT's answers give them."""
    count = _COUNT.search(text)
    most = int(count.group(1)) if count else _MOST_HIGHLIGHTS
    times: list[float] = []
    saliencies: list[float] = []
    for line in _COUNT.sub("", text).split("\n"):
        if "second" not in line and "score" not in line:
            continue
        parts = line.split("score")
        times += [float(number) for number in _TIME.findall(parts[0])]
        saliencies += [float(n) for n in _SALIENCY.findall(parts[1] if len(parts) > 1 else line)]
    return times[:most], saliencies[:most]


def _by_line(text: str) -> tuple[list[float], list[float]]:
    """A line a highlight: its last score, and its last number above 10 as the time."""
    times: list[float] = []
    saliencies: list[float] = []
    for line in text.split("\n"):
        late = [t for t in map(float, _TIME.findall(line)) if t > _LEAST_TIME_IN_LINES_S]
        times += late[-1:]
        saliencies += [float(number) for number in _SALIENCY.findall(line)][-1:]
    return times, saliencies


def clip_scores(
    times_s: Sequence[float], scores: Sequence[float], duration_s: float
) -> list[float]:
    """A score for each clip of a video: the mean of what was said of it, 0 where nothing was.

    A time goes into the clip that ends around it, one early for answers that name a clip's start;
    `strict.clip_scores` does not.
    """
    clips = int(duration_s / CLIP_S)
    said: dict[int, list[float]] = {}
    for time_s, score in zip(times_s, scores, strict=False):
        if time_s <= duration_s:
            place = max(0, int((time_s - 1) / CLIP_S))
            # The reference runs over the end of a video of odd length.
            said.setdefault(min(place, clips - 1), []).append(score)
    return [sum(said[c]) / len(said[c]) if c in said else 0.0 for c in range(clips)]
