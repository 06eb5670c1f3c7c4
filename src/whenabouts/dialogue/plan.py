"""What one utterance asks for: a plan, without a library and without an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from whenabouts.library.filters import Filters
from whenabouts.types import Span

Lang = Literal["en", "zh"]

Do = Literal[
    "find", "refine", "similar", "filter", "judge", "more", "pick", "whole", "moment", "step",
    "answer", "fact", "compare", "show", "play", "export", "undo", "restart", "reply", "say",
]  # fmt: skip
"""`find` begins anew, `refine` adds, corrects or excludes; `step` is the part before or after;
`fact` is what the library knows without looking; `reply` answers a question of ours."""

RefKind = Literal[
    "rank", "focus", "met", "name", "most", "all", "other", "next", "previous", "told",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ref:
    """A result or video that is spoken of."""

    kind: RefKind
    number: int = 0
    """`rank` and `met`: from 1, or from the end as -1, -2; `all`: the first so many (the
    last ones if negative), 0 for all; `next`: -1 for the one above in the list."""
    name: str = ""
    """`name`: of a file; `most`: `longest`, `shortest`, `newest` or `oldest`; `met`: `again`, where
    a place in the list may be meant as well; `told`: words that it was looked for or asked about
    with; `all`: `but`, where all but the others are meant."""


FOCUS = Ref("focus")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an utterance asks for."""

    do: Do
    lang: Lang
    text: str = ""
    """What is described or asked, without the words around it."""
    refs: tuple[Ref, ...] = ()
    without: tuple[str, ...] = ()
    """What must not be there."""
    instead: tuple[str, ...] = ()
    """What `text` takes the place of."""
    filters: Filters = field(default_factory=Filters)
    """Conditions told with this utterance alone."""
    channels: tuple[str, ...] = ()
    """Kinds of evidence that are asked for alone: what is said, what is written."""
    kind: str = ""
    """`say`: what kind of talk; `export`: the format; `fact`: which; `reply`: which option;
    `moment`: `before` or `after` what is described; `step`, `whole`: `start` or `end`."""
    step: int = 0
    """`step`: -1 before, 1 after; `judge`: 1 liked, -1 disliked."""
    span: Span | None = None
    """Times of the video that were told."""
    swaps: bool = False
    """Whether `text` takes the place of a word of its kind: the same but green."""
    rejects: bool = False
    """Whether what is shown was called wrong."""
    disliked: tuple[Ref, ...] = ()
    """`judge`: results that the same utterance calls wrong, beside those of `refs`."""
    then: Plan | None = None
    """A second wish of the same utterance."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What an utterance is heard against: as much of the conversation as words depend on."""

    shown: int = 0
    """Results on display."""
    focus: bool = False
    """Whether one video is being talked about."""
    picked: bool = False
    """Whether that was chosen, and does not merely stand first."""
    moment: bool = False
    """Whether a part of it is."""
    asked: bool = False
    """Whether anything was searched for and is still wanted."""
    met: int = 0
    """Videos that were talked about so far."""
    options: tuple[tuple[str, ...], ...] = ()
    """The words for each answer to our question that is open; empty without a question."""
    lang: Lang = "en"
    known: frozenset[str] = frozenset()
    """Nouns of what is wanted."""
    told: str = ""
    """What the last question or moment was about."""
