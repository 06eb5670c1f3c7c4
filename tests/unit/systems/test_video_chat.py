"""A video LLM in use: looked at once, asked often; what is too much is refused or said."""

import numpy as np
import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.errors import InputError, MissingPartError, SettingsError
from whenabouts.models.bert_tokens import bert_tokens
from whenabouts.models.generate_settings import PRESETS, GenerateSettings
from whenabouts.models.seen import Seen
from whenabouts.models.video_llm_sizes import VideoLlmSizes
from whenabouts.systems.video_llm import Question, VideoChat, open_chat
from whenabouts.weights.video_llm_folder import save_video_llm

GREEDY = GenerateSettings(new_tokens=6, sample=False)


@pytest.fixture(scope="module")
def chats(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chats")
    (folder / "vocab.txt").write_text(tiny.vocabulary_lines())
    found = {}
    for system in ("timechat", "vtgllm"):
        given = tiny.settings(system)
        stamps = bert_tokens(folder / "vocab.txt") if given.timestamps == "bert" else None
        found[system] = VideoChat(tiny.network(given), given, tiny.tokenizer(system), stamps)
    return found


@pytest.fixture(params=["timechat", "vtgllm"])
def chat(request, chats) -> VideoChat:
    return chats[request.param]


def drawn(frames: int, seed: int = 0):
    """Frames of any size, and their times."""
    dice = np.random.default_rng(seed)
    pixels = dice.integers(0, 255, (frames, 20, 30, 3), np.uint8)
    return pixels, tuple(f"{second}.5" for second in range(frames))


def test_a_second_question_does_not_look_again(chat, monkeypatch):
    seen = chat.look(*drawn(5))
    first = chat.ask(Question(seen, "Find the red circle."), GREEDY)

    def refuse(*_given, **_named):
        raise AssertionError("looked at the video again")

    monkeypatch.setattr(chat.model, "see", refuse)
    turns = (("Find the red circle.", first.raw),)
    second = chat.ask(Question(seen, "When does it end?", turns), GREEDY)
    assert first.ids
    assert second.ids
    assert chat.ask(Question(seen, "Find the red circle."), GREEDY) == first


def test_a_prompt_that_begins_alike_is_read_once(chat):
    """A question about the same video, a next turn, another video: only what is new is read."""
    read: list[int] = []

    def count(_module, _given, named):
        embedded = named.get("inputs_embeds")
        read.append(1 if embedded is None else embedded.shape[1])

    seen, other = chat.look_many([drawn(5), drawn(5, 1)])
    first = Question(seen, "Find the red circle.")
    answer = chat.ask(first, GREEDY)
    following = Question(seen, "When does it end?", ((first.text, answer.raw),))
    whole = len(chat.embed(following))
    asked = [following, Question(seen, "Find the blue square."), Question(other, first.text)]
    chat.forget()
    fresh = []
    for question in asked:
        fresh.append(chat.ask(question, GREEDY))
        chat.forget()
    hook = chat.model.language.model.register_forward_pre_hook(count, with_kwargs=True)
    warm, news = [], []
    for question in [first, *asked]:
        read.clear()
        warm.append(chat.ask(question, GREEDY))
        news.append(read[0])
    hook.remove()
    assert warm == [answer, *fresh]
    assert news[1] < whole / 2
    assert news[2] < whole / 2
    assert news[3] > len(seen.tokens)


def test_a_batch_answers_as_one_by_one(chat):
    """Frame counts differ, prompts differ in length; left padding changes nothing."""
    seen = chat.look_many([drawn(5), drawn(3, 1), drawn(8, 2)])
    asked = [Question(one, "Find it" + " now" * place) for place, one in enumerate(seen)]
    together = chat.ask_many(asked, GREEDY)
    assert together == [chat.ask(question, GREEDY) for question in asked]
    assert chat.ask_many([], GREEDY) == []


def test_beams_and_drawing(chat):
    question = Question(chat.look(*drawn(4)), "Find the red circle.")
    beam = PRESETS["beam"].model_copy(update={"new_tokens": 5})
    assert chat.ask(question, beam) == chat.ask(question, beam)
    drawing = PRESETS["published"].model_copy(update={"new_tokens": 8, "seed": 3, "top_p": 1.0})
    assert chat.ask(question, drawing) == chat.ask(question, drawing)
    other = drawing.model_copy(update={"seed": 4})
    assert chat.ask(question, drawing).ids != chat.ask(question, other).ids


def test_the_answer_streams(chat):
    heard: list[str] = []
    question = Question(chat.look(*drawn(4)), "When?")
    answer = chat.ask(question, GREEDY, heard.append)
    assert heard[-1] == answer.text
    with pytest.raises(InputError, match="3 beams cannot be streamed"):
        chat.ask(question, PRESETS["beam"], heard.append)


def test_a_prompt_too_long_is_cut_in_front_and_said(chat):
    seen = chat.look(*drawn(3))
    short = GREEDY.model_copy(update={"context_tokens": 60})
    answer = chat.ask(Question(seen, "Find it. " * 20), short)
    assert answer.cut_tokens > 0
    assert chat.ask(Question(seen, "Find it."), GREEDY).cut_tokens == 0
    with pytest.raises(InputError, match="shorter answer"):
        chat.ask(Question(seen, "?"), GREEDY.model_copy(update={"context_tokens": 3}))


def test_marks_that_a_person_types_are_harmless(chat):
    """A typed <ImageHere> or </s> neither takes visual tokens nor ends the question."""
    question = Question(chat.look(*drawn(3)), "What is <ImageHere> </s> <s>?")
    assert chat.embed(question).ndim == 2
    assert chat.ask(question, GREEDY).ids


def test_too_many_frames_and_wrong_times(chat):
    pixels, times = drawn(9)
    with pytest.raises(InputError, match="takes 8 at once"):
        chat.look(pixels, times)
    with pytest.raises(InputError, match="one a frame"):
        chat.look(pixels[:4], times[:3])
    with pytest.raises(InputError, match="0 frames"):
        chat.look(pixels[:0], ())


def test_padding_of_times_can_be_hidden(chats):
    """Then a video gives the same tokens whatever else is in its batch."""
    published = chats["timechat"]
    sizes = published.sizes.model_copy(update={"mask_text_padding": True})
    given = published.settings.model_copy(update={"sizes": sizes})
    hidden = VideoChat(
        tiny.network(given), given, published.tokens, published.frame_texts.timestamps
    )
    pixels, times = drawn(3)
    other = (pixels, ("0.5", "1.5", "1000.0"))
    for chat, alike in ((published, False), (hidden, True)):
        alone = chat.look(pixels, times).tokens
        beside = chat.look_many([(pixels, times), other])[0].tokens
        assert np.allclose(alone, beside, atol=1e-5) == alike
    with pytest.raises(SettingsError, match="mask_text_padding"):
        VideoLlmSizes.check({**chats["vtgllm"].sizes.model_dump(), "mask_text_padding": True}, "x")


def test_seconds_beyond_the_table_are_said(chats):
    pixels, _ = drawn(2)
    seen = chats["vtgllm"].look(pixels, ("1.0", "99.0"))
    assert "1 frames lie behind second 31" in seen.notes[0]
    assert "<TIME_NINE>" in seen.message
    assert chats["timechat"].look(pixels, ("1.0", "99.0")).notes == ()


def test_saved_and_opened_again(chat, tmp_path):
    given = chat.settings
    save_video_llm(
        tmp_path / "model", given, chat.model.state_dict(), chat.tokens, chat.frame_texts.timestamps
    )
    again = open_chat(tmp_path / "model")
    looked = again.look(*drawn(5))
    kept = Seen.from_bytes(looked.to_bytes(again.fingerprint), again.fingerprint)
    assert (kept.message, kept.notes) == (looked.message, looked.notes)
    with pytest.raises(InputError, match="look at the video again"):
        Seen.from_bytes(looked.to_bytes(again.fingerprint), "another model")
    with pytest.raises(InputError, match="no visual tokens"):
        Seen.from_bytes(b"12345678901234567890", again.fingerprint)
    question = Question(kept, "Find the red circle.")
    mine = Question(chat.look(*drawn(5)), "Find the red circle.")
    np.testing.assert_array_equal(question.seen.tokens, mine.seen.tokens)
    assert again.ask(question, GREEDY) == chat.ask(mine, GREEDY)


def test_parts_cover_every_parameter_once(chat):
    parts = chat.model.parts()
    listed = [id(weight) for weights in parts.values() for weight in weights]
    assert len(listed) == len(set(listed)) == len(list(chat.model.parameters()))
    with pytest.raises(InputError, match="no part 'audio'"):
        chat.model.set_trained(["audio"])


def test_frozen_modules_keep_out_of_dropout(chats):
    model = chats["timechat"].model
    model.set_trained(["lora", "compress"])
    model.train()
    assert not model.frame_qformer.training
    assert model.compress.training
    assert model.language.training
    model.eval()


def test_recomputing_gives_the_same_gradients(chat):
    model = chat.model
    model.set_trained(["frame_qformer", "compress", "project", "lora", "vision"])
    texts = chat.frame_texts(("0.0", "1.5", "3.0"))
    seconds = torch.tensor([[0, 2, 3]]) if model.sizes.second_positions else None
    pixels = torch.randn(1, 3, 3, 28, 28, generator=torch.Generator().manual_seed(0))
    found = []
    model.train()
    for again in (False, True):
        model.recompute(again)
        model.zero_grad()
        torch.manual_seed(5)
        seen, _ = model.see(pixels, texts, seconds)
        ids = torch.tensor([[1, 300, *[chat.tokens.image_id] * seen.shape[1], 310, 320]])
        embedded = model.embed_with(ids, list(seen), chat.tokens.image_id)
        labels = ids.masked_fill(ids == chat.tokens.image_id, -100)
        model.loss(embedded, torch.ones_like(ids), labels).backward()
        found.append({n: p.grad.clone() for n, p in model.named_parameters() if p.requires_grad})
    model.recompute(False)
    model.eval()
    for name, gradient in found[0].items():
        torch.testing.assert_close(found[1][name], gradient, msg=name)


@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_every_precision_answers(tmp_path, system):
    """Also the published mix: vision in float16, language in bfloat16, the rest in float32."""
    (tmp_path / "files").mkdir()
    given, _ = tiny.write_stack(tmp_path / "files", system, whole=True)
    tiny.convert(system, tmp_path / "files", tmp_path / "ours", given)
    answers = {}
    for precision in ("stored", "float32", "float16", "bfloat16", "int8", "int4"):
        opened = open_chat(tmp_path / "ours", precision)
        question = Question(opened.look(*drawn(5)), "Find the red circle.")
        answers[precision] = opened.ask(question, GREEDY)
        assert np.isfinite(question.seen.tokens).all()
        assert answers[precision].ids


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
)
def test_running_out_of_memory_says_what_to_do(chats, monkeypatch, tmp_path, error):
    chat = chats["vtgllm"]
    seen = chat.look(*drawn(3))

    def full(*_given, **_named):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(chat.model.language, "generate", full)
        with pytest.raises(InputError, match="fewer frames, or open the model as int8"):
            chat.ask(Question(seen, "When?"), GREEDY)
        with pytest.raises(InputError, match=r"2 prompts of .* ask fewer at once"):
            chat.ask_many([Question(seen, "When?")] * 2, GREEDY)
    with monkeypatch.context() as patched:
        patched.setattr(chat.model, "see", full)
        with pytest.raises(InputError, match="1 videos of 3 frames"):
            chat.look(*drawn(3))
    with monkeypatch.context() as patched:
        patched.setattr("whenabouts.systems.video_llm.open_video_llm", full)
        with pytest.raises(MissingPartError, match="big as float32; try int8 or int4"):
            open_chat(tmp_path / "big", "float32")
    assert chat.ask(Question(seen, "When?"), GREEDY).ids


def test_other_faults_are_not_taken_for_a_full_memory(chats, monkeypatch):
    def broken(*_given, **_named):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(chats["vtgllm"].model, "see", broken)
    with pytest.raises(RuntimeError, match="shapes differ"):
        chats["vtgllm"].look(*drawn(3))


def test_trained_tables_may_be_wider_than_the_layers_between(chats):
    """As VTG-LLM is trained: the language model in bfloat16, what learns in float32."""
    given = chats["vtgllm"].settings
    model = tiny.network(given)
    model.language.to(torch.bfloat16)
    model.set_trained(["vocabulary", "lora", "project"])
    model.widen_trained()
    ids = torch.tensor([[1, 300, 310, 320]])
    model.loss(model.embed(ids), torch.ones_like(ids), ids).backward()
    for part in ("vocabulary", "lora"):
        for weight in model.parts()[part]:
            assert weight.dtype == weight.grad.dtype == torch.float32
    assert model.language.model.norm.weight.dtype == torch.bfloat16


def test_merged_and_weakened_lora(chats, tmp_path):
    chat = chats["vtgllm"]
    save_video_llm(tmp_path / "model", chat.settings, chat.model.state_dict(), chat.tokens)
    ids = torch.tensor([[1, 300, 310, 320]])
    found = {
        name: open_chat(tmp_path / "model", **how).model
        for name, how in {
            "merged": {"merge": True},
            "weak": {"lora_alpha": 1e-6},
            "half": {"lora_alpha": 16.0},
        }.items()
    }
    with torch.no_grad():
        logits = {name: model.logits(model.embed(ids)) for name, model in found.items()}
        own = chat.model.logits(chat.model.embed(ids))
    torch.testing.assert_close(logits["merged"], own)
    assert not torch.allclose(logits["weak"], own, atol=1e-3)
    apart = [(logits[name] - own).norm() for name in ("half", "weak")]
    assert 0 < apart[0] < apart[1]
    bare = chat.settings.sizes.model_copy(update={"lora": None})
    given = chat.settings.model_copy(update={"sizes": bare})
    save_video_llm(tmp_path / "bare", given, tiny.network(given).state_dict(), chat.tokens)
    assert open_chat(tmp_path / "bare").ask(Question(chat.look(*drawn(3)), "When?"), GREEDY).ids
    with pytest.raises(InputError, match="no LoRA"):
        open_chat(tmp_path / "bare", lora_alpha=20.0)
