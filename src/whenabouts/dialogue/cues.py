"""The form in which the planner's words for one language are written down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whenabouts.dialogue.plan import Lang

Pattern = re.Pattern[str]
Named = tuple[tuple[str, Pattern], ...]
"""A meaning and the words for it; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Cues:
    """Words and turns of phrase of one language.

    Groups in patterns: `what` is a description or question, `old` what it replaces, `n` a number.
    """

    lang: Lang
    talk: Named
    """Whole utterances that are only talk."""
    undo: Pattern
    restart: Pattern
    more: Pattern
    """Whole utterances: further results."""
    export: Pattern
    formats: Named
    play: Pattern
    sheet: Pattern
    """Show evidence or a contact sheet of a result."""
    likes: Pattern
    dislikes: Pattern
    rejects: Pattern
    """Whole utterances: all that is shown is wrong."""
    compare: Pattern
    after: Pattern
    """Whole utterances: the part after."""
    before: Pattern
    whole: Pattern
    moment: tuple[Pattern, ...]
    facts: Named
    asks: Pattern
    """A question about what a video shows."""
    exists: Pattern
    """A question that asks for videos: is there something with `what`?"""
    pick: Pattern
    """What may stand around a reference that is all there is: open ... please."""
    again: Pattern
    """Back to an earlier one."""
    similar: tuple[Pattern, ...]
    no: Pattern
    """How a correction begins."""
    instead: tuple[Pattern, ...]
    without: Pattern
    adds: tuple[Pattern, ...]
    """How an addition begins; the rest is `what`."""
    lead: Pattern
    """What stands before a description and is no part of it."""
    tail: Pattern
    refs: Named
    """`rank`, `met`, ...: how results are spoken of."""
    numbers: Mapping[str, int]
    """Ordinals and numbers in words; -1 is the last."""
    most: Named
    channels: Named
    indifferent: Pattern
    """Answers to a question of ours that choose nothing."""
    yes: Pattern
    nope: Pattern
    both: Pattern
    """Two wishes in one utterance: `first` and `what`."""
    empty: Pattern
    """Words that describe nothing when they are all that is left."""
    good: Pattern
    """Words that call a result right."""
    bad: Pattern
    small: Pattern
    """Words that say nothing of a video; all that may stand beside a verdict or a choice."""
    clauses: Pattern
    """Where one verdict ends and the next begins."""
    subject: Pattern
    """How a clause begins that is about what is talked about."""
    counted: Pattern
    """Bare numbers of results, in a clause that is a verdict."""
    lists: Pattern
    """Several numbers behind one word: videos 1 and 2."""
    undoing: Pattern
    """Words of an undo; at least one has to be there ..."""
    undo_words: Pattern
    """... and nothing but these."""
    fresh: Pattern
    """What is said before another search: `what`."""
    start: Pattern
    """Whole utterances: the part at the beginning."""
    end: Pattern
    top: Pattern
    """From the beginning, of a video to be shown."""
    beside: tuple[tuple[str, Pattern], ...]
    """The part before or after something described, `what`."""
    varied: Pattern
    """A change of what is wanted: `lead` says that it is one, `what` is new."""
    placed: Pattern
    """Where or with what: a change without a lead."""
    shut: tuple[Pattern, ...]
    """Exclusions that name `what` first."""
    kinds: Sequence[frozenset[str]]
    """Words of which one takes the place of another: colours, places, animals."""


def words(*rows: str) -> Pattern:
    """A pattern of alternatives, spread over several rows."""
    return re.compile("|".join(rows), re.IGNORECASE)


def whole(*rows: str) -> Pattern:
    """Alternatives that must be the whole of an utterance, politeness and marks aside."""
    return re.compile(rf"(?:{'|'.join(rows)})", re.IGNORECASE)
