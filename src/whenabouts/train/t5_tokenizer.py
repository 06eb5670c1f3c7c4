"""A small tokenizer for a T5 that is trained from nothing: byte pairs, both languages.

Every Chinese character and every digit is a piece of its own, so are the letters of options.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whenabouts.models.sevila_prompts import LETTERS, NO, YES
from whenabouts.models.t5 import END_ID, PAD_ID
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.models.tokens import TextTokens, TokenSettings
from whenabouts.train.tokenizer import byte_alphabet

SPECIAL = ("<pad>", "</s>")
"""Ids 0 and 1."""
_PIECES = r" ?\p{Han}| ?[\p{L}&&[^\p{Han}]]+| ?\p{N}| ?[^\s\p{L}\p{N}]|\s+"
_AGAIN = 100
"""How often words that must be one piece are shown, so that they become one."""


def train_t5_tokens(texts: Iterable[str], vocab_tokens: int) -> T5Tokens:
    """Learn at most `vocab_tokens` tokens; any text can be spelled, byte by byte if need be."""
    from tokenizers import Regex, Tokenizer
    from tokenizers.decoders import ByteLevel as Bytes
    from tokenizers.models import BPE
    from tokenizers.normalizers import Prepend
    from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
    from tokenizers.trainers import BpeTrainer

    inner = Tokenizer(BPE())
    # As in T5's own, a word is spelled the same at the beginning of a text as inside it.
    inner.normalizer = Prepend(" ")
    pieces = Split(Regex(_PIECES), behavior="isolated")
    inner.pre_tokenizer = Sequence([pieces, ByteLevel(add_prefix_space=False, use_regex=False)])
    inner.decoder = Bytes()
    trainer = BpeTrainer(
        vocab_size=vocab_tokens,
        min_frequency=2,
        special_tokens=list(SPECIAL),
        initial_alphabet=byte_alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(_shown(texts), trainer)
    framed = TokenSettings(limit=77, clean="none", end_id=END_ID, pad_id=PAD_ID)
    return T5Tokens(TextTokens(inner, framed))


def _shown(texts: Iterable[str]) -> Iterator[str]:
    for _ in range(_AGAIN):
        yield from LETTERS
        yield from (YES, NO)
    yield from texts
