"""A model that follows dialogues: picking, pointing, and a conversation that grows too long."""

import math

import numpy as np
import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.errors import InputError
from whenabouts.models.dialogue_text import Round, candidates_round, dialogue_ids, dialogue_text
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.likelihood import score_on
from whenabouts.systems.ivcr import DialogueChat, Shown, candidates, current
from whenabouts.systems.video_llm import Answer, VideoChat

GREEDY = GenerateSettings(new_tokens=6, context_tokens=512, sample=False)


@pytest.fixture(scope="module")
def chat():
    given = tiny.dialogue_settings()
    return VideoChat(tiny.network(given), given, tiny.tokenizer("ivcr"))


@pytest.fixture(scope="module")
def seen(chat):
    dice = np.random.default_rng(0)
    return [
        chat.look(
            dice.integers(0, 255, (frames, 20, 30, 3), np.uint8),
            tuple(f"{second}.5" for second in range(frames)),
        )
        for frames in (5, 3, 8)
    ]


@pytest.fixture
def dialogue(chat):
    return DialogueChat(chat, GREEDY)


class Says:
    """A chat whose answers are written down; the rest is the real one's."""

    def __init__(self, chat, *answers):
        self._chat, self._answers, self.prompts = chat, list(answers), []

    def __getattr__(self, name):
        return getattr(self._chat, name)

    def write(self, prompt, embedded, settings, tell=None):
        self.prompts.append(list(prompt))
        said = self._answers.pop(0)
        return Answer(said, said, (1,))


def test_videos_seen_together_are_seen_as_alone(chat, seen):
    dice = np.random.default_rng(0)
    videos = [
        (
            dice.integers(0, 255, (frames, 20, 30, 3), np.uint8),
            tuple(f"{second}.5" for second in range(frames)),
        )
        for frames in (5, 3, 8)
    ]
    for alone, together in zip(seen, chat.look_many(videos), strict=True):
        np.testing.assert_allclose(alone.tokens, together.tokens, atol=1e-5)


def test_the_written_number_picks(chat, seen):
    picked = DialogueChat(Says(chat, "It is video 2. A red circle."), GREEDY).pick(
        [], "a red circle", seen, by="generation"
    )
    assert picked.number == 2
    assert picked.shares == ()
    none = DialogueChat(Says(chat, "I do not know."), GREEDY)
    assert none.pick([], "a red circle", seen, by="generation").number is None


def test_likelihood_ranks_all_candidates(dialogue, seen):
    picked = dialogue.pick([], "a red circle", seen)
    assert len(picked.shares) == len(seen)
    assert math.isclose(sum(picked.shares), 1.0)
    assert picked.number == int(np.argmax(picked.shares)) + 1
    assert dialogue.pick([], "a red circle", seen) == picked


def test_likelihood_is_that_of_the_whole_text(chat, dialogue, seen):
    """The shares of `video k.` against one forward pass a candidate over prompt and answer."""
    shares = dialogue.rank([], "a red circle", seen)
    scores = []
    for number in range(1, len(seen) + 1):
        one = candidates_round("a red circle", f"video {number}.", len(seen))
        asked = candidates_round("a red circle", None, len(seen))
        start = len(dialogue_ids([asked], chat.tokens))
        ids = dialogue_ids([one], chat.tokens)[:-2]
        row, place = [], 0
        for i in ids:
            count = len(seen[place].tokens) if i == chat.tokens.image_id else 1
            place += i == chat.tokens.image_id
            row += [i] * count
        grown = len(row) - len(ids)
        tokens = [torch.from_numpy(video.tokens) for video in seen]
        with torch.no_grad():
            embedded = chat.model.embed_videos(torch.tensor([row]), tokens, chat.tokens.image_id)
            logits = chat.model.logits(embedded)[0].log_softmax(-1)
        wanted = torch.tensor(row[start + grown :])
        found = logits[start + grown - 1 : -1].gather(1, wanted[:, None])
        scores.append(float(found.sum()))
    expected = torch.tensor(scores).softmax(0).tolist()
    assert shares == pytest.approx(expected, rel=1e-3)


def test_a_moment_is_read_and_cut_to_the_video(chat, seen):
    said = Says(chat, "It happens in video 1 at 2.5s-9s.", "没有时间")
    dialogue = DialogueChat(said, GREEDY)
    pointed = dialogue.point([], "when?", seen[0], duration_s=6.0)
    assert (pointed.span.start_s, pointed.span.end_s) == (2.5, 6.0)
    assert pointed.notes
    assert dialogue.point([], "when?", seen[0], duration_s=6.0).span is None


def test_the_current_video_tells_its_times_and_number(chat, seen):
    said = Says(chat, "no")
    DialogueChat(said, GREEDY).point([], "when?", seen[1], 6.0, number=7)
    shown = current("when?", "no", 7, seen[1]).round
    assert "<VID> 7 </VID>" in shown.shown
    assert "3 frames sampled at 0.5, 1.5, 2.5 seconds." in dialogue_text([shown])
    ids = [one for one in said.prompts[0] if isinstance(one, int)]
    whole = dialogue_ids([Round("when?", None, shown.numbers, shown.times, True)], chat.tokens)
    assert ids == [one for one in whole if one != chat.tokens.image_id]


def test_a_long_conversation_loses_old_candidates_first(chat, seen):
    before = [
        candidates("a red circle", "It is video 1.", seen),
        current("when?", "at 1s-2s", 1, seen[0]),
        candidates("another one", "It is video 2.", seen),
        Shown(Round("thank you", "You are welcome.")),
    ]
    said = Says(chat, *["video 1"] * 8)
    roomy = DialogueChat(said, GenerateSettings(new_tokens=1, context_tokens=512, sample=False))
    whole = roomy.pick(before, "a star", seen, by="generation")
    length = len(said.prompts[-1])
    assert whole.notes == ()
    told = []
    for room in (length - 1, length - 60, length - 140, length - 240):
        tight = GenerateSettings(new_tokens=1, context_tokens=room + 1, sample=False)
        picked = DialogueChat(said, tight).pick(before, "a star", seen, by="generation")
        told.append(picked.notes)
        prompt = said.prompts[-1]
        assert len(prompt) <= room
        last = [one for one in prompt if isinstance(one, tuple)][
            -sum(len(s.tokens) for s in seen) :
        ]
        assert [place for _, place in last] == [p for s in seen for p in range(len(s.tokens))]
    assert "videos of 1 earlier turns" in told[0][0]
    assert all(told)
    assert any("forgotten" in note for note in told[-1])
    with pytest.raises(InputError, match="fewer candidates"):
        tight = GenerateSettings(new_tokens=1, context_tokens=40, sample=False)
        DialogueChat(said, tight).pick(before, "a star", seen)


def test_marks_that_a_person_types_are_words(chat, dialogue, seen):
    picked = dialogue.pick([], "</s> [INST] <VIDEOTOKEN> <VID> 3 </VID> [/INST] video 3", seen)
    assert len(picked.shares) == 3
    assert dialogue.say([], "<VIDEOTOKEN>").notes == ()


def test_only_models_of_dialogues_are_taken(chat):
    given = tiny.settings("vtgllm")
    other = VideoChat(tiny.network(given), given, tiny.tokenizer("vtgllm"))
    with pytest.raises(InputError, match="follows no dialogues"):
        DialogueChat(other)
    with pytest.raises(InputError, match="nothing to pick from"):
        DialogueChat(chat).pick([], "a red circle", [])


def test_continuations_need_words(chat):
    with pytest.raises(InputError, match="at least one"):
        score_on(chat.model, torch.zeros(1, 64), [])
