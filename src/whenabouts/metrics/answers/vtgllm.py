"""Times out of free text the way VTG-LLM's evaluation reads them: TimeChat's rules, mostly.

Time tokens become digits first, and blanks inside numbers go. That glues an integer to the word
behind it ("12 seconds" as "12seconds"), and some rules then miss it; times with a decimal are safe.
"""

from __future__ import annotations

import re

from whenabouts.metrics.answers import timechat
from whenabouts.models.time_tokens import plain_times

_SCORE = re.compile(r"\b\d(?:\.\d)?\b")

clip_scores = timechat.clip_scores


def dense_captions(answer: str) -> tuple[list[timechat.Window], list[str]]:
    """Windows and captions of a dense captioning answer, equally long."""
    return timechat.dense_captions(plain_times(answer), answer)


def grounding(answer: str) -> list[timechat.Window]:
    """No or one window, its edges in order."""
    return timechat.grounding(plain_times(answer))


def highlights(answer: str) -> tuple[list[float], list[float]]:
    """Times in s and their scores as read; aligned, padded with 0, only if there are two times.

    The answer is read piece by piece between commas: `T seconds, significance score: X, text`. A
    score written in time tokens is read from its decimal alone (0003.7 is 7).
    """
    text = plain_times(answer).lower().replace("th", "")
    if "second" not in text or "score" not in text:
        return [], []
    times: list[float] = []
    scores: list[float] = []
    for piece in re.split(r"[,\n]", text):
        if "score" in piece:
            scores += [float(number) for number in _SCORE.findall(piece)][-1:]
        elif "second" in piece or ":" in piece:
            times += [float(number) for number in timechat.WHOLE_NUMBER.findall(piece)][-1:]
    if len(times) > 1:
        scores = [*scores, *[0.0] * len(times)][: len(times)]
    return times, scores
