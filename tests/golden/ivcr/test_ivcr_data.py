"""From the published annotation file to messages, ids and labels."""

import itertools

import pytest

from whenabouts.data.dialogues import (
    EXPANDED,
    TURNS,
    prompt_rounds,
    read,
    samples,
    shown,
    to_evaluate,
    to_json,
    to_learn,
)
from whenabouts.models.dialogue_text import (
    DIALOGUE_SYSTEM,
    DIALOGUE_TOKENS,
    answer_labels,
    dialogue_ids,
    dialogue_text,
    video_number,
    widen,
)
from whenabouts.models.llama_tokens import VIDEO_PLACE, LlamaTokens

pytestmark = pytest.mark.golden("ivcr/data_pipeline*")


def entries(dialogues):
    return [to_json(one) for one in dialogues]


def in_file(samples_, rounds=None):
    """Samples as the published scripts write them between two steps."""
    return [
        [
            {
                "user": pair.text,
                "text_id": pair.text_id,
                "assistance": pair.answer.text,
                "video_id": pair.answer.video,
                "candidate_videos": list(pair.answer.candidates),
                "gt_se": list(pair.answer.span or (-1, -1)),
            }
            for pair in sample.rounds
        ]
        for sample in samples_
    ]


def messages(sample):
    found = [{"role": "system", "content": DIALOGUE_SYSTEM}]
    for one in prompt_rounds(sample.rounds, numbered):
        found.append({"role": "user", "content": (one.shown + one.question).strip()})
        found.append({"role": "assistant", "content": one.answer})
    return found


def numbered(answer):
    return video_number(answer)


def shown_there(answer):
    """As the published list has it: ten paths, or one without a list."""
    return list(shown(answer)) if answer.span is None else answer.video


def run_lengths(labels):
    return [[label, len(list(group))] for label, group in itertools.groupby(labels)]


def published(case):
    """The test samples, made the way the published script does, of up to ten turns."""
    dialogues = read(case.folder / "raw.json")
    return list(samples(to_evaluate(dialogues, faults=True), EXPANDED))


def test_which_dialogues_are_tested(case):
    dialogues = read(case.folder / "raw.json")
    kept = to_evaluate(dialogues, faults=True)
    theirs = case.facts["filtered_test"]
    assert len(kept) == len(theirs) > 1
    assert [[one.kind] for one in kept] == [entry["type"] for entry in theirs]
    whole = [(one, entry) for one, entry in zip(kept, theirs, strict=True) if one.kind != 7]
    for one, entry in whole:
        assert to_json(one)["conversations"] == entry["conversations"]


def test_turns_judged_on_their_own_keep_their_answers(case):
    dialogues = read(case.folder / "raw.json")
    halves = [entry for entry in case.facts["filtered_test"] if entry["type"] == [7]]
    ours = [one for one in to_evaluate(dialogues) if one.kind == 7]
    assert [[pair.text_id for pair in one.rounds] for one in ours] == [
        [said["text_id"] for said in entry["conversations"]] for entry in halves
    ]
    assert all(pair.answer.text for one in ours for pair in one.rounds)


def test_samples_of_each_length(case):
    found = published(case)
    counts = case.facts["counts"]
    assert [sample.turn for sample in found] == case.facts["samples_turns"]
    assert len(found) == counts["IVCR_no_type0_no_zero_test.json"]
    short = [sample for sample in found if sample.turn <= TURNS]
    assert len(short) == case.facts["n_kept_up_to_7_turns"]
    theirs = case.facts["test_turns"]
    assert in_file(found[: len(theirs)]) == theirs


def test_samples_to_learn_from(case):
    learnt = list(samples(to_learn(read(case.folder / "raw.json")), EXPANDED))
    assert len(learnt) == case.facts["n_train_samples"]
    theirs = case.facts["train_turns"]
    assert in_file(learnt[: len(theirs)]) == theirs


def test_messages_and_their_videos(case):
    found = published(case)
    assert [messages(sample) for sample in found] == case.facts["test_messages"]
    videos = [[shown_there(pair.answer) for pair in sample.rounds] for sample in found]
    assert videos == case.facts["test_video_lists"]


def test_rendered_text(case):
    found = published(case)
    short = [n for n, sample in enumerate(found) if sample.turn <= TURNS]
    assert [row["index"] for row in case.facts["rendered"]] == short
    for row in case.facts["rendered"]:
        rounds = prompt_rounds(found[row["index"]].rounds, numbered)
        assert dialogue_text(rounds) == row["text"]
        assert row["text"].startswith(row["prompt"])


def test_ids_and_labels(case):
    found = published(case)
    path = case.folder / "tokenizer.model"
    assert case.facts["tokenised"]
    for row in case.facts["tokenised"]:
        rounds = prompt_rounds(found[row["index"]].rounds, numbered)
        for legacy, ids_key, labels_key in (
            (False, "ids_no_prefix_space_after_special", "labels_run_length"),
            (True, "ids_with_prefix_space_after_special", "labels_run_length_prefix_space"),
        ):
            tokens = LlamaTokens.read(path, DIALOGUE_TOKENS, legacy=legacy)
            assert {token: tokens.id_of(token) for token in DIALOGUE_TOKENS} == case.facts[
                "special_tokens"
            ]
            ids = dialogue_ids(rounds, tokens)
            assert ids == row[ids_key]
            labels = answer_labels(ids, tokens)
            _, labels = widen(ids, labels, tokens.id_of(VIDEO_PLACE), row["tokens_per_video"])
            assert run_lengths(labels) == row[labels_key]
