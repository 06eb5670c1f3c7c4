"""A video LLM as a watcher, with scripted answers: reading, windows, what is kept of a look."""

from pathlib import Path

import numpy as np
import pytest
import tiny_video_llm

from whenabouts.errors import InputError
from whenabouts.library.language_watcher import LanguageWatcher
from whenabouts.library.refine import refine
from whenabouts.library.results import Moments
from whenabouts.library.watchers import open_video
from whenabouts.media.write import write_video
from whenabouts.models.seen import Seen
from whenabouts.systems.video_llm import Answer
from whenabouts.types import Moment, Span, Turn, Video


class Scripted:
    """A chat that says what it is told to, and counts its looks."""

    fingerprint = "f" * 64

    def __init__(self, *answers, frames=8, **changes):
        given = tiny_video_llm.settings("timechat")
        self.settings = given.model_copy(update={"frames": frames, **changes})
        self.answers, self.looks, self.asked = list(answers), [], []

    def look(self, pixels, times):
        self.looks.append(times)
        return Seen(np.zeros((2, 4), np.float32), f"{len(times)} frames")

    def ask(self, question, settings=None, tell=None):
        self.asked.append(question)
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if tell is not None:
            tell(said)
        return Answer(f"raw {said}", said, (1, 2))


def film(path: Path, seconds: int) -> Path:
    frames = (np.full((32, 32, 3), 9 * second % 256, np.uint8) for second in range(seconds))
    write_video(path, frames, 1)
    return path


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return open_video(film(tmp_path_factory.mktemp("film") / "short.mp4", 20))


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    return open_video(film(tmp_path_factory.mktemp("film") / "long.mp4", 70))


def test_a_named_span_is_the_moment(short):
    chat = Scripted("The given query happens in 4.0 - 9.5 seconds.")
    told = LanguageWatcher(chat).ground(short, "a red circle")
    assert [(m.span.start_s, m.span.end_s) for m in told.turn.moments] == [(4.0, 9.5)]
    assert told.notes == ()
    assert "'a red circle'" in chat.asked[0].text
    assert len(chat.looks[0]) == 8


@pytest.mark.parametrize(
    ("answer", "moments", "note"),
    [
        ("It is red.", 0, "names no time"),
        ("It happens in 9.0 - 3.0 seconds.", 1, "reversed"),
        ("It happens in 15.0 - 99.0 seconds.", 1, "cut at the end"),
        ("It happens in 30.0 - 40.0 seconds.", 0, "behind the end"),
        ("", 0, "names no time"),
        ("-4.0 - 3.0 seconds.", 0, "below 0"),
        ("It does not happen.", 0, "does not happen"),
    ],
)
def test_what_was_wrong_with_an_answer_is_told(short, answer, moments, note):
    told = LanguageWatcher(Scripted(answer)).ground(short, "a red circle")
    assert len(told.turn.moments) == moments
    assert any(note in one for one in told.notes)


def test_the_question_is_asked_in_the_language_of_the_query(short):
    chat = Scripted("它发生在4.0到9.5秒。")
    told = LanguageWatcher(chat).ground(short, "红色的圆形")
    assert "“红色的圆形”" in chat.asked[0].text
    assert told.turn.moments[0].span.end_s == 9.5


def test_published_models_are_asked_in_their_own_words(short):
    chat = Scripted("4.0 - 9.5 seconds", prompts="vtgllm")
    LanguageWatcher(chat).ground(short, "a red circle.")
    assert chat.asked[0].text.startswith("Find the video segment that corresponds")


def test_highlights_become_scores_of_clips(short):
    said = (
        "There are 2 highlight moments in the 4.0, 6.0 second. Their saliency scores are 2.0, 4.0."
    )
    told = LanguageWatcher(Scripted(said)).highlights(short, "a red circle")
    assert told.curve.scores == (0, 0, 2, 4, 0, 0, 0, 0, 0, 0)
    assert told.turn.moments[0].span.start_s <= 6 < told.turn.moments[0].span.end_s
    nothing = LanguageWatcher(Scripted("no idea")).highlights(short, "a red circle")
    assert nothing.turn.moments == () and not any(nothing.curve.scores)


def test_captions_come_in_order_of_time(short):
    said = "10.0 - 12.0 seconds, a star blinks.  0.0 - 7.9 seconds, a circle moves."
    told = LanguageWatcher(Scripted(said)).captions(short)
    assert [m.text for m in told.turn.moments] == ["a circle moves", "a star blinks"]


def test_a_long_video_is_watched_in_windows_that_are_merged(long):
    # 8 frames, at most 4 s apart: windows of 32 s, each begins 28 s after the one before.
    chat = Scripted("2.0 - 4.0 seconds, a circle moves.")
    told = LanguageWatcher(chat).captions(long)
    assert [m.span.start_s for m in told.turn.moments] == [2.0, 30.0, 58.0]
    assert any("3 windows of 32 s" in note for note in told.notes)
    assert all(float(times[0]) == 0.0 for times in chat.looks)
    # What two windows both saw is told once: 30 to 32 s is seen by the first and the second.
    twice = Scripted("29.0 - 32.0 seconds, a star.", "1.0 - 4.0 seconds, a star.", "nothing")
    assert [m.span.start_s for m in LanguageWatcher(twice).captions(long).turn.moments] == [29.0]


def test_moments_of_windows_are_ranked_by_frames(long):
    class Ranks:
        def fit(self, video, query, span):
            return 0.9 if span.start_s == 30.0 else 0.1

    chat = Scripted("It happens in 2.0 - 4.0 seconds.")
    told = LanguageWatcher(chat, by_frames=Ranks()).ground(long, "a circle")
    assert told.turn.moments[0].span.start_s == 30.0


def test_a_second_question_looks_at_nothing(short, tmp_path):
    chat = Scripted("red", "two")
    watcher = LanguageWatcher(chat, tmp_path)
    first = watcher.tell(short, "what colour is it?")
    history = [Turn("user", "what colour is it?"), first.turn]
    heard = []
    watcher.tell(short, "how many?", history, heard.append)
    assert len(chat.looks) == 1
    assert chat.asked[1].turns == (("what colour is it?", "raw red"),)
    assert heard == ["two"]
    # Nor does another run, even when the file is gone.
    again = Scripted("red")
    gone = type(short)(short.id, tmp_path / "gone.mp4", short.duration_s, 1.0, 32, 32)
    LanguageWatcher(again, tmp_path).tell(gone, "what colour is it?")
    assert again.looks == []
    # A torn file is looked at again.
    next(tmp_path.glob("*.safetensors")).write_bytes(b"torn")
    torn = Scripted("red")
    LanguageWatcher(torn, tmp_path).tell(short, "what colour is it?")
    assert len(torn.looks) == 1


def test_an_empty_question_is_refused(short):
    with pytest.raises(InputError, match="empty"):
        LanguageWatcher(Scripted("red")).tell(short, "  ")


def test_a_far_view_is_told(long):
    told = LanguageWatcher(Scripted("red")).tell(long, "what colour is it?")
    assert any("apart" in note for note in told.notes)


def test_the_best_hits_of_a_search_are_sharpened(long, tmp_path):
    told = Moments([Moment(long, Span(20, 40), 0.9), Moment(long, Span(5, 6), 0.8)], "a circle")
    better, notes = refine(told, LanguageWatcher(Scripted("It happens in 4.0 - 6.0 seconds.")), 1)
    # The model saw 0 s to 70 s in windows; the first one begins where the look begins.
    assert better[0].span.length_s == 2.0
    assert better[0].evidence[-1].text == "span by tiny-timechat"
    assert better[1] == told[1]
    assert any("windows" in note for note in notes)
    silent, notes = refine(told, LanguageWatcher(Scripted("no idea")))
    assert list(silent) == list(told)
    assert any("stays as it is" in note for note in notes)
    lost = Video("lost", tmp_path / "lost.mp4", 70.0, 1.0, 32, 32)
    gone = Moments([Moment(lost, Span(1, 2), 0.9)], "a circle")
    kept, notes = refine(gone, LanguageWatcher(Scripted("4.0 - 6.0 seconds")))
    assert list(kept) == list(gone)
    assert "hit 1 stays" in notes[0]


def test_what_cannot_be_kept_is_told_and_costs_no_answer(short, tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    told = LanguageWatcher(Scripted("red"), tmp_path / "taken").tell(short, "what colour is it?")
    assert told.turn.text == "red"
    assert any("could not be kept" in note for note in told.notes)
