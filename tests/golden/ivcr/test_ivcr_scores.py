"""Scores of dialogues as the published scripts print them, of 2025 and of 2024."""

import json

import pytest

from whenabouts.data.dialogues import CHAT, read, samples, shown, to_evaluate
from whenabouts.metrics.ivcr import (
    LIMITS,
    Step,
    Tally,
    Told,
    by_turn,
    intent_accuracy,
    moment_recall,
    official,
    official_turns,
    outcome,
    pick,
    picks_of,
    propagated,
    tally,
    timed,
    video_accuracy,
)


def there(case, name):
    return json.loads((case.folder / name).read_text("utf-8"))


def told(pair):
    return Told(pair.text, pair.answer.span is not None, pair.answer.text)


def predicted(case):
    """The samples with what was put out for them, and all turns of the test dialogues."""
    dialogues = read(case.folder / "all.json")
    asked = list(samples(to_evaluate(dialogues, faults=True)))
    outputs = [row["output"] for row in there(case, "predictions.json")]
    rows = [(told(s.rounds[-1]), output) for s, output in zip(asked, outputs, strict=True)]
    turns = [
        [told(pair) for pair in one.rounds]
        for one in dialogues
        if one.split == "test" and one.kind != CHAT
    ]
    return rows, turns, asked


def flat(turns):
    return [one for dialogue in turns for one in dialogue]


@pytest.mark.golden("ivcr/metrics_official*")
def test_overall(case):
    rows, turns, asked = predicted(case)
    assert len(rows) == case.facts["n_samples"]
    kinds = ["vr" if len(shown(s.rounds[-1].answer)) == 10 else "vmr" for s in asked]
    assert kinds == [row["kind"] for row in case.facts["per_sample"]]
    theirs = case.facts["overall"]
    mine = official(rows, flat(turns))
    assert (mine.videos, mine.moments) == (theirs["vr"]["all"], theirs["vmr"]["all"])
    shares = list(mine.shares.values())
    expected = [theirs["vr"]["right"], *(theirs["vmr"][key] for key in ("r3", "r5", "r7"))]
    assert shares == pytest.approx(expected, abs=case.facts["tolerance"]["atol"])


@pytest.mark.golden("ivcr/metrics_official*")
def test_counts_without_the_slip(case):
    rows, _, _ = predicted(case)
    videos, moments = case.facts["corrected_counts"]["vr"], case.facts["corrected_counts"]["vmr"]
    hits = tuple(moments[key] for key in ("r3", "r5", "r7"))
    assert tally(rows) == Tally(videos["n_scored"], videos["right"], moments["n_scored"], hits)


@pytest.mark.golden("ivcr/metrics_official*")
@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("predictions.json", "per_turn_with_prefixed_query"),
        ("predictions_raw_query.json", "per_turn_with_raw_query"),
    ],
)
def test_table_by_turn(case, file, key):
    _, turns, _ = predicted(case)
    outputs = [(row["user_q"], row["output"]) for row in there(case, file)]
    mine = official_turns(turns, outputs)
    theirs = {
        int(place): Tally(
            row["vr_all"], row["vr_right"], row["vmr_all"],
            (row["vmr_r3"], row["vmr_r5"], row["vmr_r7"]),
        )
        for place, row in case.facts[key].items()
    }  # fmt: skip
    assert mine == theirs


@pytest.mark.golden("ivcr/metrics_legacy*")
def test_readings_of_2024(case):
    picks = picks_of(there(case, "raw_video_outputs.json"))
    mine = {str(n): (one.intent, one.said) for n, one in enumerate(picks) if one is not None}
    theirs = case.facts["formatted_video"]
    assert mine == {n: (row["intent"], row["video_id"]) for n, row in theirs.items()}
    raw = there(case, "raw_moment_outputs.json")
    mine = {str(row["id"]): timed(row["generated_cap"]) for row in raw}
    assert {key: (one.intent, list(one.windows)) for key, one in mine.items()} == {
        key: (row["intent"], row["timestamp"])
        for key, row in case.facts["formatted_moment"].items()
    }


@pytest.mark.golden("ivcr/metrics_legacy*")
def test_figures_of_2024(case):
    picks = picks_of(there(case, "raw_video_outputs.json"))
    gold = [row["video_path"] for row in there(case, "gt_video.json")]
    near = pytest.approx
    rows = zip(picks, gold, strict=True)
    assert video_accuracy(rows) == near(case.facts["video_accuracy"])
    assert intent_accuracy(picks) == near(case.facts["intent_accuracy"])
    windows = {row["id"]: row["gt_se"] for row in there(case, "gt_moment.json")}
    raw = there(case, "raw_moment_outputs.json")
    found = [(timed(row["generated_cap"]), windows[row["id"]]) for row in raw]
    recall = moment_recall(found, case.facts["moment_denominator"])
    assert {str(limit): value for limit, value in recall.items()} == near(
        case.facts["moment_recall"]
    )


@pytest.mark.golden("ivcr/metrics_legacy*")
def test_errors_go_on_through_conversations_of_2024(case):
    picks = {
        row["query"]: pick(row["intent"] + row["video_id"], row["vid"])
        for row in there(case, "video_predictions_for_turns.json").values()
    }
    times = {
        row["query"]: timed(row["generated_cap"]) for row in there(case, "raw_moment_outputs.json")
    }
    before = []
    for conversation in there(case, "conversations.json"):
        outcomes = []
        for turn in conversation:
            if "gt_se" in turn:
                step = Step(turn["video_path"], bool(turn["gt_se"]), turn["gt_se"])
                outcomes.append(outcome(step, times.get(turn["Q"])))
            else:
                step = Step(turn["video_path"], turn["top10_list"] != 0)
                outcomes.append(outcome(step, picks.get(turn["Q"])))
        before.append(outcomes)
    assert before == [list(row.values()) for row in case.facts["turn_results_before"]]
    after = [propagated(outcomes) for outcomes in before]
    assert after == [list(row.values()) for row in case.facts["turn_results_after"]]
    keys = {"video": "video"} | {f"IoU={limit}": f"tvg{round(10 * limit)}" for limit in LIMITS}
    mine = {
        str(place): {keys[name]: value for name, value in row.items()}
        for place, row in by_turn(after).items()
    }
    assert mine == {place: pytest.approx(row) for place, row in case.facts["per_turn"].items()}
