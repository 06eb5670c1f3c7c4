"""BERT's WordPiece tokenizer from its vocabulary file, as Q-Formers that take text use it."""

from __future__ import annotations

from pathlib import Path

from whenabouts.errors import WeightsError
from whenabouts.models.tokens import TextTokens, TokenSettings

_START, _END, _UNKNOWN, _PAD = "[CLS]", "[SEP]", "[UNK]", "[PAD]"
_DECODE = "[DEC]"
"""BLIP-2 adds it behind the vocabulary; its word table has a row for it."""


def bert_tokens(vocab_path: Path, limit: int = 32) -> TextTokens:
    """Lower-casing WordPiece with `[CLS]` and `[SEP]` around each text of at most `limit` ids."""
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    try:
        lines = vocab_path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(f"cannot read vocabulary {vocab_path}: {error}") from error
    vocab = {line.rstrip("\n"): index for index, line in enumerate(lines)}
    missing = [token for token in (_START, _END, _UNKNOWN, _PAD) if token not in vocab]
    if missing:
        raise WeightsError(f"{vocab_path} has no {missing[0]}; it is no vocabulary of BERT")
    inner = Tokenizer(WordPiece(vocab, unk_token=_UNKNOWN, max_input_chars_per_word=100))
    inner.normalizer = BertNormalizer(lowercase=True)
    inner.pre_tokenizer = BertPreTokenizer()
    inner.add_special_tokens([AddedToken(_DECODE, special=True)])
    settings = TokenSettings(
        limit=limit,
        clean="none",
        start_id=vocab[_START],
        end_id=vocab[_END],
        pad_id=vocab[_PAD],
    )
    return TextTokens(inner, settings)
