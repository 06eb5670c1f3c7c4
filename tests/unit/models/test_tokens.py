"""Words to ids: what a user types stays text, limits hold, files are checked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.tokens import TextTokens, TokenSettings, clean, clip_tokens

WORDS = ["<pad>", "<s>", "<unk>", "red", "circle", "moves", "</s>"]


def build(**settings) -> TextTokens:
    inner = Tokenizer(WordLevel({word: index for index, word in enumerate(WORDS)}, "<unk>"))
    inner.pre_tokenizer = Whitespace()
    inner.add_special_tokens(["<pad>", "<s>", "</s>"])
    return TextTokens(inner, TokenSettings(**({"limit": 6, "start_id": 1, "end_id": 6} | settings)))


def test_ids_mask_and_words():
    batch = build().encode(["Red circle", "a"])
    assert batch.ids.tolist() == [[1, 3, 4, 6], [1, 2, 6, 0]]
    assert batch.mask.tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]
    assert batch.words == (("", "red", "circle", ""), ("", "a", ""))


def test_limits_keep_the_end():
    batch = build().encode(["red " * 20], 4)
    assert batch.ids.tolist() == [[1, 3, 3, 6]]
    assert build(pad="limit").encode(["red"]).ids.tolist() == [[1, 3, 6, 0, 0, 0]]
    with pytest.raises(InputError, match="no room"):
        build().encode(["red"], 1)


def test_special_tokens_are_text_unless_wanted():
    typed = build().encode(["red </s> circle"]).ids[0].tolist()
    assert typed.count(6) == 1
    wanted = build().encode(["red </s> circle"], literal=False).ids[0].tolist()
    assert wanted == [1, 3, 6, 4, 6]


def test_no_texts():
    batch = build().encode([])
    assert batch.ids.shape == (0, 0)
    assert batch.ids.dtype == np.int64


@given(st.text(), st.sampled_from(["clip", "siglip", "lower", "none"]))
def test_any_text_is_taken(text, kind):
    batch = build(clean=kind).encode([text])
    assert 2 <= batch.mask.sum() <= 6
    assert len(batch.words[0]) == batch.mask.sum()


def test_cleaning():
    assert clean("  A &amp;amp; B\n\tC ", "clip") == "a & b c"
    assert clean("A, dog's (ball)!", "siglip") == "a dogs ball"
    assert clean("A, Dog!", "lower") == "a, dog!"
    assert clean(" A ", "none") == " A "


def test_saved_tokenizer_reads_back(tmp_path):
    tokens = build()
    tokens.save(tmp_path / "tokenizer.json")
    again = TextTokens.read(tmp_path / "tokenizer.json", tokens.settings)
    assert again.encode(["red moves"]).ids.tolist() == tokens.encode(["red moves"]).ids.tolist()
    assert again.vocab_tokens == len(WORDS)


def test_files_that_are_none(tmp_path):
    with pytest.raises(WeightsError, match="cannot read tokenizer"):
        TextTokens.read(tmp_path / "none.json", TokenSettings(limit=4))
    (tmp_path / "t.json").write_text("{}")
    with pytest.raises(WeightsError, match=r"no?t? a tokenizer\.json"):
        TextTokens.read(tmp_path / "t.json", TokenSettings(limit=4))
    (tmp_path / "merges.txt").write_text("header\na b\nab c\n")
    with pytest.raises(WeightsError, match="516 tokens instead of 49408"):
        clip_tokens(tmp_path / "merges.txt")
    (tmp_path / "merges.txt").write_text("header\na\n")
    with pytest.raises(WeightsError, match="no pair"):
        clip_tokens(tmp_path / "merges.txt")
