"""The picker: candidates in order, earlier turns as the model knows them, files that are gone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_video_llm as tiny

from whenabouts.errors import MediaError
from whenabouts.library.dialogue_picker import MEMO, DialoguePicker
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.protocols import Picker
from whenabouts.systems.video_llm import Answer, VideoChat
from whenabouts.types import Moment, Turn, Video

GREEDY = GenerateSettings(new_tokens=6, context_tokens=512, sample=False)


class Scripted:
    """A real model whose words are written down; remembers the texts it was asked with."""

    def __init__(self, chat, answers):
        self._chat, self._answers, self.asked = chat, list(answers), []

    def __getattr__(self, name):
        return getattr(self._chat, name)

    def write(self, prompt, embedded, settings, tell=None):
        text = self._chat.tokens.decode([i for i in prompt if isinstance(i, int)])
        self.asked.append(" ".join(text.split()))
        said = self._answers.pop(0)
        return Answer(said, said, (1,))


class Looks:
    """Looks at a video by its name; one without a file is gone."""

    def __init__(self, chat):
        self._chat, self.calls = chat, []

    def look(self, video, window):
        assert window == video.span
        self.calls.append(video.id)
        if video.id == "gone":
            raise MediaError("no such file")
        dice = np.random.default_rng(ord(video.id[0]))
        return self._chat.look(dice.integers(0, 255, (3, 28, 28, 3), np.uint8), ("0", "1", "2"))


@pytest.fixture(scope="module")
def chat():
    given = tiny.dialogue_settings()
    return VideoChat(tiny.network(given), given, tiny.tokenizer("ivcr"))


def video(name: str) -> Video:
    return Video(name, Path(f"{name}.mp4"), 20.0, 10.0, 64, 64)


def hits(names) -> tuple[Moment, ...]:
    return tuple(
        Moment(video(name), video(name).span, 1.0 - place / 10, name)
        for place, name in enumerate(names)
    )


def picker(chat, *answers, by="generation"):
    scripted = Scripted(chat, answers)
    return DialoguePicker(scripted, by=by, answer=GREEDY, looks=Looks(chat)), scripted


def asked(text: str) -> Turn:
    return Turn("user", text)


def names(turn: Turn) -> list[str]:
    return [one.video.id for one in turn.moments]


def test_it_is_a_picker(chat):
    assert isinstance(picker(chat)[0], Picker)


def test_the_picked_one_comes_first_with_its_reason(chat):
    one, _ = picker(chat, "The query matches video 3. A star.")
    turn = one.pick([asked("a star")], hits("abcd"))
    assert names(turn) == ["c", "a", "b", "d"]
    assert turn.moments[0].evidence[-1].text == turn.text
    assert turn.moments[0].span == video("c").span
    assert turn.memo[MEMO]["order"] == ["a", "b", "c", "d"]


def test_no_number_leaves_them_as_they_came(chat):
    one, _ = picker(chat, "I am not sure.")
    turn = one.pick([asked("a star")], hits("abcd"))
    assert names(turn) == [*"abcd"]
    assert turn.text == ""


def test_likelihood_always_picks_one_and_words_agree(chat):
    one, _ = picker(chat, "I am not sure.", by="likelihood")
    turn = one.pick([asked("a star")], hits("abcd"))
    number = "abcd".index(names(turn)[0]) + 1
    assert f"video {number}" in turn.text
    assert turn.moments[0].evidence[-1].score > 0


def test_more_candidates_than_it_looks_at_stay_behind(chat):
    one, scripted = picker(chat, "It is video 10.")
    turn = one.pick([asked("a star")], hits("abcdefghijkl"))
    assert names(turn) == [*"jabcdefghikl"]
    assert scripted.asked[0].count("<VID>") == one.limit


def test_a_candidate_that_is_gone_is_not_shown(chat):
    one, scripted = picker(chat, "It is video 2.")
    given = [*hits("ab")]
    given.insert(1, replace(given[0], video=video("gone")))
    turn = one.pick([asked("a star")], given)
    assert names(turn) == ["b", "a", "gone"]
    assert scripted.asked[0].count("<VID>") == 2
    with pytest.raises(MediaError, match="none of the 1 first videos"):
        one.pick([asked("a star")], given[1:2])


def test_a_conversation_is_shown_with_its_numbers(chat):
    one, scripted = picker(chat, "It is video 2.", "It happens in video 2 at 3s-7s.", "Yes.")
    turns = [asked("a star")]
    turns.append(one.pick(turns, hits("abc")))
    turns.append(asked("when does it turn?"))
    turns.append(one.point(turns, video("b")))
    moment = turns[-1].moments[0]
    assert (moment.video.id, moment.span.start_s, moment.span.end_s) == ("b", 3.0, 7.0)
    assert "Current video : <VID> 2 </VID>" in scripted.asked[1]
    turns.append(asked("thank you"))
    assert one.say(turns).text == "Yes."
    last = scripted.asked[2]
    assert last.count("Candidate videos") == last.count("Current video") == 1
    assert "It is video 2." in last
    assert "at 3.0s-7.0s" in last


def test_turns_of_another_brain_are_understood(chat):
    """Without a memo the moments stand in the order of their numbers; other words are words."""
    one, scripted = picker(chat, "It is video 1.")
    turns = [
        asked("一个星星"),
        Turn("assistant", "找到了三个视频", "videos", hits("abc")),
        asked("hello"),
        Turn("assistant", "Hi.", "say"),
        asked("a circle"),
    ]
    one.pick(turns, hits("de"))
    text = scripted.asked[0]
    assert text.count("Candidate videos") == 2
    assert "符合的是 video 1" in text
    assert "Hi." in text
    assert "找到了三个视频" not in text


def test_no_time_is_no_moment(chat):
    one, _ = picker(chat, "I did not see it.")
    turn = one.point([asked("when?")], video("a"))
    assert turn.moments == ()
    assert turn.act == "moment"
    with pytest.raises(MediaError, match="could not look at"):
        one.point([asked("when?")], video("gone"))
