"""An utterance on its way to a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from whenabouts.dialogue import limits_en, limits_zh
from whenabouts.dialogue.cues import Cues
from whenabouts.dialogue.plan import FOCUS, Lang, Ref, Scene
from whenabouts.library.filters import Filters


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance, as far as it is understood before anything is decided."""

    text: str
    """Without marks and politeness around it."""
    cues: Cues
    scene: Scene
    now: datetime
    refs: tuple[Ref, ...]
    bare: str
    """The text without the references."""
    raw: str
    """The text with its politeness."""
    asks: bool
    """Whether it ended with a question mark."""

    @property
    def ranked(self) -> bool:
        """Whether single results are named by more than a pronoun."""
        return any(ref.kind not in ("focus", "all") for ref in self.refs)

    @property
    def named(self) -> tuple[Ref, ...]:
        """The references; a pronoun beside a result that is named means that one."""
        return tuple(ref for ref in self.refs if ref != FOCUS or not self.ranked)

    @property
    def has(self) -> bool:
        """Whether there is anything to be spoken of."""
        return bool(self.scene.shown or self.scene.focus)

    @property
    def lang(self) -> Lang:
        """Its language."""
        return self.cues.lang

    def limits(self, text: str) -> tuple[Filters, str]:
        """Conditions in a part of it, and what is left of that part."""
        return (limits_zh if self.lang == "zh" else limits_en).limits(text, self.now)


def left(text: str, said: Said) -> str:
    """What words of no meaning leave of a text."""
    return said.cues.small.sub("", text).strip()
