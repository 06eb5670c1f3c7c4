"""A small tokenizer of LLaMA's kind, learnt from texts: for video LLMs trained from nothing."""

from __future__ import annotations

import io
from collections.abc import Iterable

from whenabouts.errors import InputError, MissingPartError


def train_llama_tokens(texts: Iterable[str], vocab_tokens: int) -> bytes:
    """A serialised SentencePiece model of at most `vocab_tokens` pieces, for `LlamaTokens`.

    Byte pairs without normalisation, digits apart, and bytes for what was never seen, as LLaMA's.
    """
    try:
        from sentencepiece import SentencePieceTrainer
    except ImportError as error:
        raise MissingPartError(
            "learning a tokenizer needs sentencepiece: pip install 'whenabouts[torch]'"
        ) from error
    written = io.BytesIO()
    try:
        SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=written,
            vocab_size=vocab_tokens,
            model_type="bpe",
            character_coverage=1.0,
            byte_fallback=True,
            split_digits=True,
            allow_whitespace_only_pieces=True,
            remove_extra_whitespaces=False,
            normalization_rule_name="identity",
            hard_vocab_limit=False,
            num_threads=1,
            minloglevel=2,
        )
    except RuntimeError as error:
        raise InputError(
            f"no tokenizer of {vocab_tokens} pieces from these texts: {error}"
        ) from error
    return written.getvalue()
