"""The driver of a published evaluation: looks once, goes on, tells what it left out."""

import json

import numpy as np
import pytest

from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.errors import DataError, InputError
from whenabouts.evaluate.published_questions import Annotation, ask, read_annotations, read_results
from whenabouts.evaluate.published_run import PublishedRun, run_published
from whenabouts.media.write import write_video
from whenabouts.models.prompts_published import published_prompt

FRAMES = FrameSettings(frames=4, size_px=8)


class Parrot:
    """Answers with the mean grey of what it saw; stops after some batches if told to."""

    def __init__(self, batches: int = 99):
        self.looks, self.batches, self.left = 0, [], batches

    def look(self, clip):
        self.looks += 1
        return clip.pixels.mean()

    def ask(self, questions):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.batches.append(len(questions))
        return [
            (f"[INST] {text} [/INST]", f"It is {grey:.0f} - 99 seconds") for grey, text in questions
        ]


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for number in range(2):
        frames = (np.full((16, 16, 3), 20 + 40 * number, np.uint8) for _ in range(5))
        write_video(folder / f"v{number}.mp4", frames, 5.0, crf=5)
    (folder / "v2.mp4").write_bytes(b"broken")
    return folder


@pytest.fixture
def asked():
    names = ["v0", "v0", "v1", "v2", "v3"]
    annotations = [
        Annotation(image_id=f"sub/{name}.mp4", id=10 + n, caption=f"query {n}.", duration=1.0)
        for n, name in enumerate(names)
    ]
    return ask(annotations, "moment retrieval", published_prompt("vtgllm", "moment retrieval"))


def run(chat, asked, videos, folder, batch=1, tell=None):
    settings = PublishedRun(
        dataset="Charades", split="test", task="moment retrieval", frames=FRAMES, batch=batch
    )
    return run_published(chat, asked, settings, videos, folder, tell)


def test_everything_is_asked_once(asked, videos, tmp_path):
    chat, told = Parrot(), []
    ran = run(chat, asked, videos, tmp_path, batch=2, tell=lambda *at: told.append(at))
    assert chat.looks == 2, "two questions about one video look at it once"
    assert chat.batches == [2, 1]
    assert ran.asked == 3
    lines = json.loads(ran.raw.read_text())
    assert [line["id"] for line in lines] == [10, 11, 12]
    assert lines[0]["prompt"].startswith("[INST] Find the video segment")
    read = json.loads(ran.read.read_text())
    assert read["10"]["timestamp"] == [[pytest.approx(20, abs=2), 99.0]]
    assert read["12"]["vid"] == "v1.mp4"
    assert len(ran.notes) == 2
    assert any("v3.mp4" in note for note in ran.notes)
    assert any("v2.mp4" in note for note in ran.notes)
    assert told[0][1] == 5


def test_a_run_that_was_cut_off_goes_on(asked, videos, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(Parrot(batches=1), asked, videos, tmp_path)
    kept = tmp_path / "Charades_test_f4_result.answers.jsonl"
    kept.write_text(kept.read_text() + '[1, "half')
    chat = Parrot()
    ran = run(chat, asked, videos, tmp_path)
    assert chat.batches == [1, 1]
    assert ran.asked == 3
    again = Parrot()
    assert run(again, asked, videos, tmp_path).asked == 3
    assert not again.batches
    other = [asked[1], asked[0]]
    with pytest.raises(DataError, match="other questions"):
        run(Parrot(), other, videos, tmp_path)
    kept.write_text("x\n" + kept.read_text())
    with pytest.raises(DataError, match="line 1"):
        run(Parrot(), asked, videos, tmp_path)


def test_what_cannot_be_asked_is_refused(asked, tmp_path):
    with pytest.raises(DataError, match="no folder"):
        run(Parrot(), asked, tmp_path / "nowhere", tmp_path)
    silent = [Annotation(image_id="a.mp4")]
    with pytest.raises(InputError, match="caption"):
        ask(silent, "highlights", "{}")
    endless = ask([Annotation(image_id="a.mp4", caption="q")], "highlights", "{}")
    with pytest.raises(InputError, match="duration"):
        read_results(endless, ["x"], "highlights")
    with pytest.raises(InputError, match="do not read answers of 'speech'"):
        read_results([], [], "speech")


def test_lines_of_qvhighlights_are_annotations(tmp_path):
    line = {"qid": 5, "query": "a cat", "vid": "q_1.0", "duration": 150}
    (tmp_path / "highlight_val_release.jsonl").write_text(json.dumps(line) + "\n")
    (found,) = read_annotations(tmp_path / "highlight_val_release.jsonl")
    assert (found.video, found.id, found.caption, found.duration) == ("q_1.0.mp4", 5, "a cat", 150)
