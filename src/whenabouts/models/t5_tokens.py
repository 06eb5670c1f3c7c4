"""T5's tokenizer, and the words by which SeViLA answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import WeightsError
from whenabouts.models.sevila_prompts import LETTERS, NO, YES
from whenabouts.models.t5 import END_ID, PAD_ID, Ids
from whenabouts.models.tokens import TextTokens, TokenSettings

_LIMIT = 77


class T5Tokens:
    """Texts to ids and back."""

    def __init__(self, inner: TextTokens) -> None:
        self.inner = inner
        self.yes_id, self.no_id = self._one(YES), self._one(NO)

    @classmethod
    def read(cls, path: Path) -> T5Tokens:
        """From a `tokenizer.json`."""
        framed = TokenSettings(limit=_LIMIT, clean="none", end_id=END_ID, pad_id=PAD_ID)
        return cls(TextTokens.read(path, framed))

    @property
    def vocab_tokens(self) -> int:
        """Number of ids."""
        return self.inner.vocab_tokens

    def letter_ids(self, options: int) -> list[int]:
        """What stands for each of so many options."""
        return [self._one(letter) for letter in LETTERS[:options]]

    def named(self, names: Sequence[str]) -> Ids:
        """Names in front of frames, without an end."""
        return Ids.of([self.inner.pieces(name)[1] for name in names])

    def rows(self, texts: Sequence[str], limit: int) -> tuple[Ids, int]:
        """Texts with their ends, and how many words the longest is too long; it is cut."""
        found = [self.inner.pieces(text)[1] for text in texts]
        rows = [[*ids[: limit - 1], END_ID] for ids in found]
        return Ids.of(rows), max(0, max(map(len, found), default=0) + 1 - limit)

    def target(self, text: str) -> list[int]:
        """What is to be written, the end included."""
        return [*self.inner.pieces(text)[1], END_ID]

    def text(self, ids: Sequence[int]) -> str:
        """Ids as people read them; ends and padding are no text."""
        return self.inner.text_of([one for one in ids if one not in (PAD_ID, END_ID)]).strip()

    def save(self, path: Path) -> None:
        """Write `tokenizer.json`."""
        self.inner.save(path)

    def _one(self, word: str) -> int:
        ids = self.inner.pieces(word)[1]
        if len(ids) != 1:
            raise WeightsError(
                f"the tokenizer spells {word!r} with {len(ids)} tokens; options, yes and no must "
                "be one each"
            )
        return ids[0]
