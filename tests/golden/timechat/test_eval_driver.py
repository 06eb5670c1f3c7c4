"""Questions and result files of the published evaluation."""

import json
from pathlib import Path

import pytest

from whenabouts.data.instruct.transcript import read_transcript, told_lines
from whenabouts.evaluate.published_questions import (
    ask,
    raw_results,
    read_annotations,
    read_results,
    result_name,
    write_results,
)
from whenabouts.models.prompts_published import PROMPTS, filled, published_prompt, read_prompt

pytestmark = pytest.mark.golden("timechat/eval_driver*")

TASKS = {"dvc": "dense captioning", "tvg": "moment retrieval", "vhd": "highlights"}
FILES = {
    "dense captioning": "dvc_description_zeroshot.txt",
    "moment retrieval": "tvg_description_zeroshot.txt",
    "highlights": "vhd_description.txt",
}


def file_of(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_prompts_are_the_published_ones(case, tmp_path):
    for task in PROMPTS["timechat"]:
        text = case.facts["prompt_files"][FILES[task]]
        assert published_prompt("timechat", task) == read_prompt(
            file_of(tmp_path, FILES[task], text)
        )


@pytest.fixture
def asked_of(tmp_path):
    """Everything that is asked in a run, and the task."""

    def questions(run):
        options = run["options"]
        task = TASKS[options["task"]]
        annotations = read_annotations(
            file_of(tmp_path, "a.json", json.dumps({"annotations": run["annotations"]}))
        )
        transcripts = None
        if options.get("asr"):
            folder = tmp_path / run["tag"]
            folder.mkdir()
            for name, text in run["asr_files"].items():
                file_of(folder, f"{name}.tsv", text)
            names = [annotation.video for annotation in annotations]
            transcripts = {name: read_transcript(folder, name) for name in names}
        dataset = options["dataset"]
        prompt = run["prompt_template"]
        return ask(annotations, task, prompt, dataset=dataset, transcripts=transcripts), task

    return questions


def test_questions(case, asked_of):
    for run in case.facts["runs"]:
        asked, _ = asked_of(run)
        theirs = [text for batch in run["batches"] for text in batch["prompts"]]
        first = len(run["batches"][0]["prompts"])
        assert [one.video for one in asked] == [
            Path(path).name for batch in run["batches"] for path in batch["paths"]
        ]
        if "bug" in run["tag"]:
            # The published code puts the data set where the query belongs.
            name = run["options"]["dataset"]
            mine = [one.text.replace(one.annotation.caption.strip("."), name) for one in asked]
            assert all(one.annotation.caption.strip(".") in one.text for one in asked)
        else:
            mine = [one.text for one in asked]
        # It also reads the transcript of another video from the second batch on.
        count = first if run["options"].get("asr") else len(theirs)
        assert mine[:count] == theirs[:count], run["tag"]


def test_a_later_batch_has_its_own_transcripts(case, asked_of):
    for run in case.facts["runs"]:
        if not run["options"].get("asr"):
            continue
        for one in asked_of(run)[0]:
            known = Path(one.video).stem in run["asr_files"]
            assert known or one.text.startswith("Transcribed speech: None. ")


def test_result_files(case, asked_of, tmp_path):
    for run in case.facts["runs"]:
        asked, task = asked_of(run)
        options, frames = run["options"], run["batches"][0]["n_frames"]
        name = result_name(options["dataset"], options.get("split", "val"), frames)
        paths = write_results(
            tmp_path / "out" / run["tag"],
            asked,
            run["answers"],
            task,
            name=name,
            prompts=["P"] * len(asked),
        )
        assert {path.name for path in paths} == set(run["written_files"])
        for path in paths:
            written = json.loads(path.read_text(encoding="utf-8"))
            assert written == run["written_files"][path.name], (run["tag"], path.name)


def test_keys_stand_in_the_published_order(case, asked_of):
    for run in case.facts["runs"]:
        asked, task = asked_of(run)
        mine = raw_results(asked, run["answers"], task, ["P"] * len(asked))
        theirs = next(v for k, v in run["written_files"].items() if not k.startswith("fmt_"))
        assert [list(line) for line in mine] == [list(line) for line in theirs]
        assert read_results(asked, run["answers"], task)


def test_braces_of_a_query_and_a_transcript_stay(case):
    assert filled("{} and {}", query="a {} b.", dataset="D") == "D and a {} b"
    assert told_lines([]) == ""
    assert case.facts["runs"]
