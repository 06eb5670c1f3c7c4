"""Hand-made utterances, understood without a library; `README.md` here has their form."""

from pathlib import Path

import pytest

from whenabouts.evaluate.utterances import hear, judge, read_cases, shares

HERE = Path(__file__).parent
LEAST = {
    "development.jsonl": 95.0,
    "held_out.jsonl": 95.0,
    "practice.jsonl": 95.0,
    "look.jsonl": 70.0,
}
"""Percent understood in every field, of each language."""


@pytest.mark.parametrize("name", sorted(LEAST))
def test_most_utterances_are_understood(name):
    found, wrong = shares(read_cases(HERE / name))
    told = "\n".join(f"{case.id} {case.utterance!r}: {fields}" for case, _, fields in wrong[:15])
    assert min(found["en"], found["zh"]) >= LEAST[name], f"{found}\n{told}"


@pytest.mark.parametrize("name", sorted(LEAST))
def test_the_files_say_what_they_mean(name):
    cases = read_cases(HERE / name)
    assert len({case.id for case in cases}) == len(cases)
    for lang in ("en", "zh"):
        mine = [case for case in cases if case.lang == lang]
        assert len(mine) >= 100
        if name != "practice.jsonl":
            assert len({case.utterance for case in mine}) == len(mine)
    for case in cases:
        shown = {
            letter
            for one in case.history
            if isinstance(one, dict)
            for key in ("videos", "moment", "answer")
            for letter in one.get(key, "")
        }
        assert set(case.refers + case.likes + case.dislikes) <= shown, case.id


def test_no_utterance_is_in_both_files():
    one, other = (
        {(c.utterance, str(c.history)) for c in read_cases(HERE / name)}
        for name in ("development.jsonl", "held_out.jsonl")
    )
    assert not one & other


def test_a_wrong_reading_is_seen():
    case = next(c for c in read_cases(HERE / "development.jsonl") if c.utterance == "third.")
    assert judge(case, hear(case)) == {"act": True, "refers": True}
    moved = case.model_copy(update={"refers": "A"})
    assert judge(moved, hear(moved)) == {"act": True, "refers": False}
