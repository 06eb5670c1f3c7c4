"""Text to token ids: one wrapper around the `tokenizers` library for every encoder.

Two sources: a `tokenizer.json`, or the merges file of CLIP (`bpe_simple_vocab_16e6.txt.gz`).
"""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import ftfy
import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, WeightsError
from whenabouts.settings import Settings

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

CLIP_VOCAB_TOKENS = 49408
_CLIP_MERGES = CLIP_VOCAB_TOKENS - 512 - 2
CLIP_START, CLIP_END = "<|startoftext|>", "<|endoftext|>"
_CLIP_PIECES = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"
_SIGLIP_DROPPED = re.compile(r"[!-/:-@\[-`{-~]")


class TokenSettings(Settings):
    """What goes around the word pieces of an encoder's texts."""

    limit: int
    """Most tokens of a text, start and end included."""
    clean: Literal["clip", "siglip", "lower", "none"] = "clip"
    """`clip`: repair, unescape, one space between words, lower case. `siglip`: lower case without
    ASCII punctuation. `lower`: one space between words, lower case. `none`: as it is."""
    start_id: int | None = None
    end_id: int | None = None
    pad_id: int = 0
    pad: Literal["longest", "limit"] = "longest"
    """To the longest text of a batch, or always to `limit` (nets that read padding)."""


@dataclass(frozen=True, slots=True, eq=False)
class TextBatch:
    """Texts as ids: `ids` and `mask` int64 [B,L]; `words[b][l]` is the text behind token l.

    `words` has one entry per valid token, empty for start and end; a piece of an English word
    is given as that whole word.
    """

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]
    words: tuple[tuple[str, ...], ...]


class TextTokens:
    """Turns texts into ids. What a user types never becomes a special token."""

    def __init__(self, inner: Tokenizer, settings: TokenSettings) -> None:
        inner.no_padding()
        inner.no_truncation()
        self.settings = settings
        self._inner = inner

    @classmethod
    def read(cls, path: Path, settings: TokenSettings) -> TextTokens:
        """From a `tokenizer.json`."""
        from tokenizers import Tokenizer

        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise WeightsError(f"cannot read tokenizer {path}: {error.strerror}") from error
        try:
            return cls(Tokenizer.from_str(text), settings)
        except Exception as error:
            raise WeightsError(f"{path} is not a tokenizer.json: {error}") from error

    @property
    def vocab_tokens(self) -> int:
        """Number of ids, special ones included."""
        return self._inner.get_vocab_size(with_added_tokens=True)

    def id_of(self, token: str) -> int | None:
        """Id of a vocabulary entry; None when there is none."""
        return self._inner.token_to_id(token)

    def around(self) -> tuple[int | None, int | None]:
        """Start and end ids that the tokenizer file itself would put around a text."""
        plain = self._inner.encode("a", add_special_tokens=False).ids
        whole = self._inner.encode("a", add_special_tokens=True).ids
        before = 1 if whole[1 : 1 + len(plain)] == plain and len(whole) > len(plain) else 0
        after = len(whole) - len(plain) - before
        return (whole[0] if before else None), (whole[-1] if after else None)

    def save(self, path: Path) -> None:
        """Write `tokenizer.json`."""
        path.write_text(self._inner.to_str(), encoding="utf-8")

    def pieces(self, text: str) -> tuple[list[str], list[int]]:
        """The vocabulary entries of a text and their ids, without start and end."""
        found = self._pieces([clean(text, self.settings.clean)], literal=True)[0]
        return found.tokens, found.ids

    def text_of(self, ids: Sequence[int]) -> str:
        """The text behind ids, special tokens left out."""
        return self._inner.decode(list(ids), skip_special_tokens=True)

    def encode(
        self,
        texts: Sequence[str],
        limit: int | None = None,
        *,
        pad: Literal["longest", "limit"] | None = None,
        literal: bool = True,
    ) -> TextBatch:
        """Ids of texts, cut so that start and end fit into `limit` (None: the settings').

        With `literal` False a typed `<|endoftext|>` becomes that special token, as in the
        published tokenizers; never do that with what a user typed.
        """
        settings = self.settings
        limit = settings.limit if limit is None else limit
        head = [] if settings.start_id is None else [settings.start_id]
        tail = [] if settings.end_id is None else [settings.end_id]
        room = limit - len(head) - len(tail)
        if room < 0:
            raise InputError(f"a limit of {limit} tokens has no room for start and end")
        cleaned = [clean(text, settings.clean) for text in texts]
        rows: list[list[int]] = []
        words: list[tuple[str, ...]] = []
        for text, found in zip(cleaned, self._pieces(cleaned, literal), strict=True):
            rows.append([*head, *found.ids[:room], *tail])
            behind = _behind(text, found)[:room]
            words.append((*("" for _ in head), *behind, *("" for _ in tail)))
        longest = max((len(row) for row in rows), default=0)
        length = limit if (pad or settings.pad) == "limit" else longest
        ids = np.full((len(rows), length), settings.pad_id, np.int64)
        mask = np.zeros((len(rows), length), np.int64)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        return TextBatch(ids, mask, tuple(words))

    def _pieces(self, cleaned: Sequence[str], literal: bool) -> list[Encoding]:
        """The library's encodings, with or without looking for special tokens in the text."""
        self._inner.encode_special_tokens = literal
        return self._inner.encode_batch(list(cleaned), add_special_tokens=False)


def clean(text: str, kind: Literal["clip", "siglip", "lower", "none"]) -> str:
    """The text as the encoder saw it in training."""
    if kind == "none":
        return text
    if kind == "clip":
        text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    elif kind == "siglip":
        text = _SIGLIP_DROPPED.sub("", text)
    return " ".join(text.split()).lower()


def clip_tokens(merges_path: Path, limit: int = 77) -> TextTokens:
    """CLIP's tokenizer from its merges file (plain or gzip, header line first)."""
    from tokenizers import AddedToken, Regex, Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

    merges = _read_merges(merges_path)
    symbols = _byte_symbols()
    entries = [*symbols, *(f"{symbol}</w>" for symbol in symbols)]
    entries += ["".join(pair) for pair in merges]
    vocab = {entry: index for index, entry in enumerate([*entries, CLIP_START, CLIP_END])}
    if len(vocab) != CLIP_VOCAB_TOKENS:
        raise WeightsError(
            f"{merges_path} gives {len(vocab)} tokens instead of {CLIP_VOCAB_TOKENS}; "
            "it is not CLIP's merges file"
        )
    inner = Tokenizer(BPE(vocab=vocab, merges=merges, end_of_word_suffix="</w>", fuse_unk=False))
    inner.pre_tokenizer = Sequence(
        [
            Split(Regex(_CLIP_PIECES), behavior="removed", invert=True),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    inner.add_special_tokens([AddedToken(token, special=True) for token in (CLIP_START, CLIP_END)])
    start_id, end_id = vocab[CLIP_START], vocab[CLIP_END]
    return TextTokens(inner, TokenSettings(limit=limit, start_id=start_id, end_id=end_id))


def _read_merges(path: Path) -> list[tuple[str, str]]:
    """The merges in rank order."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        lines = raw.decode("utf-8").rstrip("\n").split("\n")[1 : 1 + _CLIP_MERGES]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise WeightsError(f"cannot read merges file {path}: {error}") from error
    merges: list[tuple[str, str]] = []
    for line in lines:
        left, space, right = line.partition(" ")
        if not space or " " in right:
            raise WeightsError(f"{path} has the line {line!r}, which is no pair of symbols")
        merges.append((left, right))
    return merges


def _byte_symbols() -> list[str]:
    """One printable character a byte: those that print first, then U+0100 on in byte order."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = 256 - len(printable)
    return [chr(byte) for byte in printable] + [chr(0x100 + index) for index in range(others)]


def _behind(text: str, found: Encoding) -> list[str]:
    """What a person reads behind each token."""
    whole: dict[int, tuple[int, int]] = {}
    for word, (start, end) in zip(found.word_ids, found.offsets, strict=True):
        if word is not None:
            first, last = whole.get(word, (start, end))
            whole[word] = (min(first, start), max(last, end))
    pieces: list[str] = []
    for word, (start, end) in zip(found.word_ids, found.offsets, strict=True):
        first, last = whole.get(word, (start, end)) if word is not None else (start, end)
        # Chinese has no spaces: there a run of characters would be the whole sentence.
        pieces.append(text[first:last] if text[first:last].isascii() else text[start:end])
    return pieces
