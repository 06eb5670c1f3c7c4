"""LLaMA's tokenizer: a SentencePiece model and tokens added behind its vocabulary.

Added tokens and `<s>`, `</s>`, `<unk>` are found in the text first; what lies between goes through
SentencePiece. How a piece behind such a token begins differs between two published behaviours,
`legacy` and not: the id sequences differ, so a model must be used with the one it was trained with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import InputError, MissingPartError, WeightsError

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

IMAGE = "<ImageHere>"
"""Stands where visual tokens go; in a text of a user it is not looked for."""
VIDEO_PLACE = "<VIDEOTOKEN>"
"""Stands there in dialogues about several videos."""
_SPACE = "▁"
_NO_PREFIX = b"\x1a\x02\x18\x00"
"""Behind a serialised model: in its `normalizer_spec` (3), `add_dummy_prefix` (3) is false.

Of a field that comes twice, protobuf takes the last.
"""


class LlamaTokens:
    """Texts to ids and back. The ids of `added` follow the vocabulary of the model file."""

    def __init__(
        self, model: bytes, added: Sequence[str] = (IMAGE,), *, legacy: bool = False
    ) -> None:
        self.model = model
        self.added = tuple(added)
        self.legacy = legacy
        inner = self._inner = _processor(model if legacy else model + _NO_PREFIX)
        self.start_id: int = inner.bos_id()
        self.end_id: int = inner.eos_id()
        self.pad_id: int = inner.unk_id()
        """Published models pad with `<unk>`."""
        self._base: int = inner.get_piece_size()
        self._special = {
            inner.id_to_piece(i): i for i in (self.pad_id, self.start_id, self.end_id) if i >= 0
        }
        self._ids = self._special | {token: self._base + i for i, token in enumerate(self.added)}
        longest_first = sorted(self._ids, key=len, reverse=True)
        self._marks = re.compile("|".join(f"({re.escape(token)})" for token in longest_first))
        self._unknown = inner.id_to_piece(self.pad_id)
        self._unknown_pieces = len(inner.encode(self._unknown, out_type=str))

    @classmethod
    def read(
        cls, path: Path, added: Sequence[str] = (IMAGE,), *, legacy: bool = False
    ) -> LlamaTokens:
        """From a `tokenizer.model`."""
        try:
            return cls(path.read_bytes(), added, legacy=legacy)
        except OSError as error:
            raise WeightsError(f"cannot read tokenizer {path}: {error.strerror}") from error

    @property
    def vocab_tokens(self) -> int:
        """Number of ids, added ones included."""
        return self._base + len(self.added)

    def id_of(self, token: str) -> int:
        """Id of an added token or of a piece; an unknown one is an error."""
        if token in self._ids:
            return self._ids[token]
        found = self._inner.piece_to_id(token)
        if found == self.pad_id:
            raise InputError(f"the tokenizer has no token {token!r}")
        return found

    @property
    def image_id(self) -> int:
        """Id of what stands where visual tokens go."""
        return self.id_of(VIDEO_PLACE if VIDEO_PLACE in self.added else IMAGE)

    def encode(self, text: str, *, start: bool = True) -> list[int]:
        """Ids of a text, with `<s>` in front if `start`."""
        head = [self.start_id] if start else []
        return head + [self._piece_id(piece) for piece in self.pieces(text)]

    def encode_plain(self, text: str) -> list[int]:
        """Ids of what a user typed, in which no token is looked for."""
        return [self._piece_id(piece) for piece in self._between(text)]

    def pieces(self, text: str) -> list[str]:
        """Vocabulary entries of a text, as strings."""
        if not text:
            return []
        if self.legacy:
            return self._split(text)
        found = self._split(_SPACE + text.replace(_SPACE, " "))
        if len(found) > 1 and found[0] == _SPACE and found[1] in self._special:
            return found[1:]
        return found

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ids; special tokens stay, and added ones stand between spaces.

        Some networks have more rows than there are tokens; such an id has no text.
        """
        parts: list[str] = []
        run: list[int] = []
        for one in ids:
            if one >= self.vocab_tokens:
                continue
            if one >= self._base:
                parts += [text] if (text := self._text(run)) else []
                parts.append(self.added[one - self._base])
                run = []
            else:
                run.append(one)
        return " ".join([*parts, self._text(run)] if run else parts)

    def _split(self, text: str) -> list[str]:
        pieces: list[str] = []
        at = 0
        for mark in self._marks.finditer(text):
            pieces += [*self._between(text[at : mark.start()]), mark.group()]
            at = mark.end()
        return pieces + self._between(text[at:])

    def _between(self, text: str) -> list[str]:
        """Pieces of text without tokens in it."""
        encode = self._inner.encode
        if not text:
            return []
        if self.legacy or not text.startswith((_SPACE, " ")):
            return encode(text, out_type=str)
        # A first space stays a piece of its own only behind something.
        return encode(self._unknown + text, out_type=str)[self._unknown_pieces :]

    def _piece_id(self, piece: str) -> int:
        found = self._ids.get(piece)
        return self._inner.piece_to_id(piece) if found is None else found

    def _text(self, ids: Sequence[int]) -> str:
        """Text of ids of the model file alone; its special tokens are written out."""
        inner = self._inner
        if not ids:
            return ""
        named = {number: name for name, number in self._special.items()}
        pieces = [inner.id_to_piece(one) for one in ids]
        if pieces[0].startswith(_SPACE):
            pieces[0] = pieces[0][len(_SPACE) :]
        out, run, after_special = "", list[str](), False
        for place, (one, piece) in enumerate(zip(ids, pieces, strict=True)):
            if one in named:
                if not after_special and place and self.legacy:
                    out += " "
                out += inner.decode(run) + piece
                run, after_special = [], True
            else:
                run.append(piece)
                after_special = False
        return out + inner.decode(run)


def _processor(model: bytes) -> SentencePieceProcessor:
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError as error:
        raise MissingPartError(
            "LLaMA's tokenizer needs sentencepiece: pip install 'whenabouts[torch]'"
        ) from error
    try:
        return SentencePieceProcessor(model_proto=model)
    except RuntimeError as error:
        raise WeightsError(f"the tokenizer file is no SentencePiece model: {error}") from error
