"""Training on dialogues: what is learnt, where it is looked at, and that the loss falls."""

import tomllib
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.data.instruct.drawn_dialogues import DrawnDialogues, DrawnDialogueSettings
from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.errors import SettingsError
from whenabouts.models.chat_text import IGNORED
from whenabouts.models.frame_texts import FrameTextMaker
from whenabouts.systems.ivcr import DialogueChat
from whenabouts.systems.video_llm import open_chat
from whenabouts.train.dialogue_collate import DialogueCollate
from whenabouts.train.dialogue_guides import CHOICE, TIMES, number_loss
from whenabouts.train.dialogue_loss import DialogueObjective
from whenabouts.train.guided_attention import GuidedSettings
from whenabouts.train.guided_targets import TargetFinder
from whenabouts.train.instruction import run
from whenabouts.train.instruction_recipe import InstructionRecipe
from whenabouts.train.instruction_start import open_start
from whenabouts.weights.hub import shipped_folder
from whenabouts.weights.video_llm_folder import save_video_llm

RECIPES = Path(__file__).parents[3] / "recipes"
DRAWN = DrawnDialogueSettings(videos=12, shelf=5, talks=2, turns=2)
FRAMES = FrameSettings(frames=4, size_px=28)
SMALL = (
    "data.drawn_dialogues.videos=12",
    "data.drawn_dialogues.shelf=5",
    "data.drawn_dialogues.talks=2",
    "data.drawn_dialogues.turns=2",
    "fresh.parts_of=''",
    "fresh.aligned=false",
    f"fresh.tokenizer={shipped_folder('tiny-vtgllm')}/tokenizer.model",
    "frames.frames=6",
    "model.sizes.language.layers=3",
    "loader.workers=0",
    "loop.threads=1",
    "loop.precision=fp32",
    "loop.log_every_steps=1",
    "loop.warmup_steps=2",
    "loop.learning_rate=5e-3",
)


@pytest.fixture(scope="module")
def sample():
    return DrawnDialogues(DRAWN, FRAMES).sample(0, Random(0))


def collate(limit=4096, *, guided=False, questions=False, **changes):
    given = tiny.dialogue_settings().model_copy(update=changes)
    tokens = tiny.tokenizer("ivcr")
    find = TargetFinder(tokens, time_tokens=False, questions=questions) if guided else None
    stamps = FrameTextMaker(given, tokens)
    return DialogueCollate(given.sizes, given.pixels, tokens, stamps, limit, find=find)


def learnt(batch, row: int, tokens) -> str:
    labels = batch.labels[row]
    return tokens.decode(labels[labels.ne(IGNORED)].tolist())


def test_every_answer_of_a_drawn_conversation_is_learnt(sample):
    put = collate()
    batch = put([sample])
    assert len(batch.ids) == len(sample.talks) == DRAWN.talks
    places = batch.ids.eq(put.tokens.image_id)
    widths = [len(video.clip) for video in sample.looked]
    assert int(places.sum()) == sum(4 * (widths[v] > 0) for v in batch.order)
    for row, talk in enumerate(sample.talks):
        text = learnt(batch, row, put.tokens)
        assert text.count("</s>") == len(talk)
    assert batch.labels[places].eq(IGNORED).all()
    assert batch.mask.sum() == sum(len(r) for r in batch.ids) - int(batch.mask.eq(0).sum())


def test_only_the_last_answer_of_a_read_conversation_is_learnt(sample):
    put = collate()
    talk = next(one for one in sample.talks if len(one) > 1)
    last = tuple(replace(turn, learnt=turn is talk[-1]) for turn in talk)
    batch = put([replace(sample, talks=(last,))])
    text = learnt(batch, 0, put.tokens)
    assert text.count("</s>") == 1


def test_answers_whose_videos_no_longer_fit_are_not_learnt(sample):
    put = collate()
    talk = next(t for t in sample.talks if len(t) > 1 and len(t[0].videos) > 1)
    alone = replace(sample, talks=(talk,))
    whole = put([alone]).ids.shape[1]
    batch = collate(whole - 1)([alone])
    assert batch.ids.shape[1] < whole
    assert batch.notes
    assert learnt(batch, 0, put.tokens).count("</s>") == len(talk) - 1


def test_what_is_to_be_looked_at(sample):
    put = collate(guided=True)
    batch = put([sample])
    turns = [turn for talk in sample.talks for turn in talk]
    choices = [guide for guide in batch.looking if guide.head == CHOICE]
    assert len(choices) == len(turns)
    assert len([g for g in batch.looking if g.head == TIMES]) == sum(
        turn.span_s is not None for turn in turns
    )
    for guide, turn in zip(choices, turns, strict=True):
        row = batch.ids[guide.row].tolist()
        for (number, at), video in zip(guide.videos, turn.videos, strict=True):
            assert number == video
            assert row[at] == put.tokens.image_id
            assert row[at - 1] != put.tokens.image_id
        if turn.number is not None:
            assert guide.right == turn.number - 1
        first = int(guide.places[0])
        assert batch.labels[guide.row, first] == IGNORED
        assert batch.labels[guide.row, first + 1] != IGNORED


def test_the_words_of_a_question_look_as_well(sample):
    put = collate(guided=True, questions=True)
    batch = put([sample])
    turns = [turn for talk in sample.talks for turn in talk]
    choices = [guide for guide in batch.looking if guide.head == CHOICE]
    for guide, turn in zip(choices, turns, strict=True):
        row = batch.ids[guide.row].tolist()
        read = put.tokens.decode([row[at] for at in guide.places.tolist()])
        assert turn.round.question in read
        if turn.span_s is not None:
            assert guide.frames is not None
            assert len(guide.frames) == len(guide.places)


def test_candidates_look_at_their_numbers(sample):
    put = collate(guided=True)
    batch = put([sample])
    turns = [turn for talk in sample.talks for turn in talk if turn.span_s is None and turn.videos]
    counts = [len(turn.videos) for turn in turns]
    assert turns
    assert len(batch.numbered) == sum(counts)
    told = [number for count in counts for number in range(1, count + 1)]
    for guide, number in zip(batch.numbered, told, strict=True):
        row = batch.ids[guide.row].tolist()
        assert {row[at] for at in guide.places.tolist()} == {put.tokens.image_id}
        assert put.tokens.decode([row[guide.number]]).strip() == str(number)[-1]
        assert guide.number < int(guide.places[0])
    queries = torch.zeros(len(batch.ids), 2, batch.ids.shape[1], 4)
    keys = queries.clone()
    for guide in batch.numbered:
        keys[guide.row, 0, guide.number, 0] = 1.0
    queries[..., 0] = 1.0
    even, sharp = (
        number_loss((scale * queries, keys), batch.numbered).item() for scale in (0.0, 20.0)
    )
    assert sharp < 0.6 * even
    assert number_loss((queries, keys), ()).item() == 0.0


@pytest.mark.parametrize("guided", [True, False])
def test_gradients_reach_what_sees(sample, guided):
    given = tiny.dialogue_settings()
    model = tiny.network(given)
    put = collate(guided=guided)
    settings = GuidedSettings(weight=0.5, layer=1) if guided else None
    objective = DialogueObjective(put.tokens, guided=settings)
    loss, logs = objective.loss(model, put([sample]))
    loss.backward()
    assert logs["answers"] > 0
    assert ("guided_choice" in logs) == guided
    assert model.frame_qformer.queries.grad.abs().sum() > 0
    assert model.compress.qformer.queries.grad.abs().sum() > 0


def test_heads_learn_of_rows_with_ten_videos_or_one():
    sizes = tiny.dialogue_settings().sizes.model_copy(update={"head_width": 8})
    model = tiny.network(tiny.dialogue_settings().model_copy(update={"sizes": sizes}))
    put = collate(sizes=sizes)
    drawn = DrawnDialogues(DRAWN.model_copy(update={"shelf": 12, "turns": 1, "talks": 4}), FRAMES)
    sample = drawn.sample(0, Random(1))
    assert any(len(turn.videos) == 10 for talk in sample.talks for turn in talk)
    loss, logs = DialogueObjective(put.tokens).loss(model, put([sample]))
    loss.backward()
    assert logs["heads"] > 0
    assert model.heads.video[3].weight.grad.abs().sum() > 0


def small(*more: str):
    return (*SMALL, *more)


def test_the_loss_falls_and_a_run_goes_on(tmp_path):
    """The recipe at a smaller size: cut off after half of its steps, it ends as one in one go."""
    recipe = RECIPES / "tiny-ivcr.toml"
    logs = []
    rest = small(
        f"eyes={tmp_path / 'eyes'}",
        "in_view=0.3",
        'trained=["frame_qformer","time","project","vocabulary","language"]',
        "loop.steps=20",
        "data.drawn_dialogues.samples=2",
    )
    run(recipe, rest, runs=tmp_path / "a", on_progress=lambda p: logs.append(p.logs))
    answers = [row["answers"] for row in logs]
    assert np.mean(answers[-4:]) < 0.75 * np.mean(answers[:4])
    assert logs[-1]["in_view"] < logs[0]["in_view"]
    run(recipe, rest, runs=tmp_path / "b", stop_after_steps=10)
    folder = run(recipe, rest, runs=tmp_path / "b")
    one, other = (open_chat(tmp_path / name / folder.parent.name / folder.name) for name in "ab")
    state = other.model.state_dict()
    for name, value in one.model.state_dict().items():
        assert torch.equal(value, state[name]), name
    chat = DialogueChat(one)
    dice = np.random.default_rng(0)
    seen = [
        one.look(dice.integers(0, 255, (6, 112, 112, 3), np.uint8), [f"{s}.0" for s in range(6)])
        for _ in range(3)
    ]
    assert sum(chat.pick([], "a red circle", seen).shares) == pytest.approx(1.0)


def test_a_model_of_dialogues_learns_dialogues_alone(tmp_path):
    given, model = tiny.settings("vtgllm"), tiny.network(tiny.settings("vtgllm"))
    save_video_llm(tmp_path / "other", given, model.state_dict(), tiny.tokenizer("vtgllm"))
    values = tomllib.loads((RECIPES / "tiny-ivcr.toml").read_text(encoding="utf-8"))
    del values["model"], values["fresh"]
    started = InstructionRecipe.check(values | {"start": {"folder": str(tmp_path / "other")}}, "it")
    with pytest.raises(SettingsError, match="follows no dialogues"):
        open_start(started)
    recipe = RECIPES / "tiny-ivcr.toml"
    with pytest.raises(SettingsError, match="dialogues or instructions"):
        InstructionRecipe.read(recipe, ["data.drawn.videos=3"])
    with pytest.raises(SettingsError, match=r"fresh\.numbers has heads"):
        InstructionRecipe.read(recipe, ["fresh.numbers=true", "guided.numbers=false"])
    with pytest.raises(SettingsError, match="candidates of dialogues"):
        InstructionRecipe.read(RECIPES / "tiny-vtgllm.toml", ["guided.numbers=true"])
    with pytest.raises(SettingsError, match=r"model\.talk"):
        InstructionRecipe.read(recipe, ["model.talk=video"])


def test_recipes_are_read():
    published = InstructionRecipe.read(RECIPES / "ivcr.toml")
    assert published.start.system == "ivcr"
    assert published.data.of_dialogues
    with (RECIPES / "tiny-ivcr.toml").open("rb") as file:
        assert tomllib.load(file)["model"]["talk"] == "dialogue"
