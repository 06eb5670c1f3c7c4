"""Ids, cuts and padding of CLIP's tokenizer."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from whenabouts.models.tokens import TextTokens, clip_tokens

pytestmark = pytest.mark.golden("tvr/tokenizer")


@pytest.fixture(scope="module")
def tokenizer() -> TextTokens:
    spec = find_spec("open_clip")
    if spec is None or spec.origin is None:
        pytest.skip("open_clip_torch, which carries CLIP's merges file, is not installed")
    return clip_tokens(Path(spec.origin).with_name("bpe_simple_vocab_16e6.txt.gz"))


def test_special_ids(case, tokenizer):
    facts = case.facts
    assert tokenizer.vocab_tokens == facts["vocab_size"]
    assert tokenizer.settings.start_id == facts["start_id"]
    assert tokenizer.settings.end_id == facts["end_id"]
    assert tokenizer.settings.pad_id == facts["pad_id"]


def test_every_row(case, tokenizer):
    lengths = 0
    for row in case.facts["rows"]:
        for key in (key for key in row if key.startswith("max_words_")):
            limit = int(key.removeprefix("max_words_"))
            mine = tokenizer.encode([row["text"]], limit, pad="limit", literal=False)
            assert mine.ids[0].tolist() == row[key]["ids"], (row["text"], limit)
            assert mine.mask[0].sum() == row[key]["mask_sum"]
            assert mine.mask[0, : row[key]["mask_sum"]].all()
            lengths += 1
        whole = tokenizer.encode([row["text"]], 10_000, literal=False)
        assert whole.ids[0, 1:-1].tolist() == row["ids"]
        for key in (key for key in row if key.startswith("openai_tokenize_truncate_")):
            limit = int(key.rpartition("_")[2])
            mine = tokenizer.encode([row["text"]], limit, pad="limit", literal=False)
            assert mine.ids[0].tolist() == row[key], row["text"]
    assert lengths


def test_pieces(case, tokenizer):
    special = re.compile(r"<\|\w+\|>")
    for row in case.facts["rows"]:
        if not special.search(row["text"]):
            assert tokenizer.pieces(row["text"]) == (row["bpe"], row["ids"])
        else:
            typed = tokenizer.encode([row["text"]], 10_000)
            assert not set(typed.ids[0, 1:-1].tolist()) & {
                case.facts["start_id"],
                case.facts["end_id"],
            }


def test_words_stand_behind_tokens(case, tokenizer):
    for row in case.facts["rows"]:
        batch = tokenizer.encode([row["text"]], 10_000)
        words = batch.words[0]
        assert len(words) == batch.mask[0].sum()
        assert words[0] == words[-1] == ""
        assert all(words[1:-1])
