"""SeViLA's prompts and targets, character by character."""

import json

import pytest

from whenabouts.models.sevila_prompts import answer_prompt, locate_prompt, query_prompt, target


@pytest.fixture
def cases(golden_folder):
    path = golden_folder / "sevila" / "data" / "prompts.json"
    if not path.is_file():
        pytest.skip(f"no prompts at {path}")
    found = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [one for rows in found.values() for one in rows]


def test_prompts(cases):
    for one in cases:
        row = one["processed"]
        if "query" in row:
            assert query_prompt(row["query"]) == one["loc_input"]
            continue
        options = [row[f"a{n}"] for n in range(row["num_option"])]
        question = row.get("question", "")
        assert answer_prompt(question, options) == one["qa_input"]
        assert locate_prompt(question, options) == one["loc_input"]
        assert target(int(row["answer"])) == one["qa_output"]
