"""The tokenizer of the tiny encoder: byte-level BPE over both languages, trained on sentences.

Words are pieces, and so is every single Chinese character: were a colour and a shape to merge into
one token, a pair that training never shows would be spelled in a way it never saw.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from whenabouts.models.tokens import TextTokens, TokenSettings

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPECIAL = ("<pad>", "<start>", "<end>")
"""Ids 0, 1 and 2."""

_PIECES = r"\p{Han}|[\p{L}&&[^\p{Han}]]+|\p{N}|[^\s\p{L}\p{N}]+"


def settings(limit: int) -> TokenSettings:
    """How texts are framed for the tiny encoder, `limit` tokens at most."""
    return TokenSettings(limit=limit, clean="lower", start_id=1, end_id=2, pad_id=0)


def train_tokenizer(sentences: Iterable[str], vocab_tokens: int, limit: int) -> TextTokens:
    """Learn at most `vocab_tokens` tokens; any text can be spelled, byte by byte if need be."""
    from tokenizers.trainers import BpeTrainer

    inner = _empty()
    trainer = BpeTrainer(
        vocab_size=vocab_tokens,
        min_frequency=2,
        special_tokens=list(SPECIAL),
        initial_alphabet=byte_alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator((" ".join(text.split()).lower() for text in sentences), trainer)
    return TextTokens(inner, settings(limit))


def byte_alphabet() -> list[str]:
    """One printable character for each of the 256 bytes."""
    from tokenizers.pre_tokenizers import ByteLevel

    return ByteLevel.alphabet()


def _empty() -> Tokenizer:
    """A tokenizer without a vocabulary."""
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

    inner = Tokenizer(BPE())
    pieces = Split(Regex(_PIECES), behavior="removed", invert=True)
    inner.pre_tokenizer = Sequence([pieces, ByteLevel(add_prefix_space=False, use_regex=False)])
    return inner
