"""What a video LLM is told about when its frames were taken: text in, text out (TimeChat).

Times are printed once (`time_tokens.printed_time`), and the strings go everywhere: into the
sentence before the question, and one by one beside each frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from whenabouts.errors import InputError
from whenabouts.models.time_tokens import printed_time

_AT, _SECONDS = "at", "seconds."


def printed_times(times_s: Iterable[float]) -> tuple[str, ...]:
    """Times in s as the prompts print them.

    >>> printed_times([0, 2.46])
    ('0.0', '2.5')
    """
    return tuple(printed_time(time_s) for time_s in times_s)


def video_sentence(times: Sequence[str]) -> str:
    """The sentence before the question, with the blank that parts them.

    >>> video_sentence(("0.0", "2.5"))
    'The video contains 2 frames sampled at 0.0, 2.5 seconds. '
    """
    return f"The video contains {len(times)} frames sampled {_AT} {', '.join(times)} {_SECONDS} "


def frame_sentences(times: Sequence[str]) -> tuple[str, ...]:
    """The sentence that goes into the image Q-Former with each frame.

    >>> frame_sentences(("2.5",))
    ('This frame is sampled at 2.5 second.',)
    """
    return tuple(f"This frame is sampled {_AT} {time} second." for time in times)


def times_in(sentence: str) -> tuple[str, ...]:
    """The times of a video sentence, as they are printed there."""
    _, at, rest = sentence.partition(_AT)
    if not at:
        raise InputError(f"{sentence!r} names no times; write it with video_sentence")
    return tuple(time.strip() for time in rest.replace(_SECONDS, "").split(","))
