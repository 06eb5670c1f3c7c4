"""TimeChat asked about videos: prompts, visual tokens, greedy answers, as published."""

import pytest
import torch
from published_video_llm import load_network, timechat_sizes

from whenabouts.models.bert_tokens import bert_tokens
from whenabouts.models.chat_text import answer_of, chat_prompt, chat_segments
from whenabouts.models.frame_times import times_in
from whenabouts.models.generate import generate
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.splice import pad_left
from whenabouts.models.video_llm_settings import VideoLlmSettings
from whenabouts.systems.video_llm import Question, VideoChat

pytestmark = pytest.mark.golden("timechat/generate*")


@pytest.fixture
def chat(case) -> VideoChat:
    config = case.facts["config"]
    sizes = timechat_sizes(config)
    settings = VideoLlmSettings(
        name="the case",
        pixels=PixelSettings(size_px=sizes.vit.image_px, fit="squash"),
        sizes=sizes,
        tokenizer_legacy=config["tokenizer_legacy"],
        timestamps="bert",
    )
    tokens = LlamaTokens.read(case.folder / "toy.model", legacy=config["tokenizer_legacy"])
    model = load_network(sizes, case.tensors("weights"))
    return VideoChat(model, settings, tokens, bert_tokens(case.folder / "bert_vocab.txt"))


def greedy(case) -> GenerateSettings:
    return GenerateSettings(new_tokens=case.facts["config"]["max_new_tokens"], sample=False)


def frames_of(io, key: str) -> torch.Tensor:
    return io[key].transpose(0, 1)


def check_scores(case, chat, embedded, mask, new_ids, expected) -> None:
    """The scores behind the whole prompt and each new token but the last."""
    behind = chat.model.embed(new_ids[:, :-1])
    whole = torch.cat([embedded, behind], dim=1)
    mask = torch.cat([mask, torch.ones(new_ids[:, 1:].shape, dtype=torch.long)], dim=1)
    places = (mask.cumsum(1) - 1).masked_fill(mask == 0, 1)
    with torch.inference_mode():
        logits = chat.model.language(
            inputs_embeds=whole, attention_mask=mask, position_ids=places
        ).logits
    mine = logits[:, -new_ids.shape[1] :]
    alive = new_ids.ne(chat.tokens.pad_id)  # Behind the end the reference feeds padding.
    case.close(mine[alive], expected[alive], "scores of each step")


def test_one_video_and_a_second_turn(case, chat):
    io = case.tensors()
    video, turns = "", ()
    for run in case.facts["runs"]:
        if run["kind"] != "single":
            continue
        tag, _, turn = run["tag"].partition(".")
        if turn == "turn0":
            turns, video = (), run["video"]
            times = times_in(case.facts["video_messages"][video])
            texts = chat.frame_texts(times)
            assert torch.equal(texts.ids, io[f"{tag}.timestamps.input_ids"])
            assert torch.equal(texts.mask, io[f"{tag}.timestamps.attention_mask"])
            seen = chat.see_many([frames_of(io, f"{tag}.images")], [times])[0]
            case.close(
                torch.from_numpy(seen.tokens)[None], io[f"{tag}.video_tokens"], "video tokens"
            )
            assert seen.message == case.facts["video_messages"][video]
        prompt = chat_prompt(turns, run["question"], seen.message)
        assert prompt == run["prompt"]
        assert chat_segments(prompt, chat.tokens) == run["segment_ids"]
        question = Question(seen, run["question"], turns)
        embedded = chat.embed(question)[None]
        case.close(embedded, io[f"{run['tag']}.inputs_embeds"], "inputs_embeds")
        answer = chat.ask(question, greedy(case))
        assert list(answer.ids) == run["kept_tokens"]
        assert answer.raw == run["answer_text"]
        new_ids = torch.tensor([run["new_tokens"][0][1:]])
        mask = torch.ones(embedded.shape[:2], dtype=torch.long)
        expected = io[f"{run['tag']}.step_logits"]
        check_scores(case, chat, embedded, mask, new_ids, expected)
        turns = (*turns, (run["question"], answer.raw))


def test_batches(case, chat):
    io = case.tensors()
    for run in case.facts["runs"]:
        if run["kind"] == "single":
            continue
        tag = run["tag"]
        times = [times_in(case.facts["video_messages"][video]) for video in run["videos"]]
        pixels = [frames_of(io, f"{tag}.images.{index}") for index in range(len(times))]
        seen = chat.see_many(pixels, times)
        for index, one in enumerate(seen):
            expected = io[f"{tag}.video_tokens.{index}"]
            case.close(torch.from_numpy(one.tokens)[None], expected, f"{tag} video tokens")
        questions = [Question(one, text) for one, text in zip(seen, run["questions"], strict=True)]
        filler = chat.model.embed(torch.tensor(chat.tokens.pad_id))
        embedded, mask = pad_left([chat.embed(question) for question in questions], filler)
        case.close(embedded, io[f"{tag}.inputs_embeds"], f"{tag} inputs_embeds")
        assert torch.equal(mask.float(), io[f"{tag}.attention_mask"])
        made = generate(chat.model.language, embedded, mask, greedy(case))
        assert torch.equal(made, io[f"{tag}.new_tokens"][:, 1:])
        check_scores(case, chat, embedded, mask, made, io[f"{tag}.step_logits"])
        answers = chat.ask_many(questions, greedy(case))
        assert [answer.raw for answer in answers] == run["answer_texts"]
        for question, answer, after in zip(questions, answers, run["prompts_after"], strict=True):
            asked = chat_prompt((), question.text, question.seen.message)
            assert f"{asked} {answer.raw} </s>" == after
        for ids, kept in zip(made.tolist(), run["kept_tokens"], strict=True):
            assert ids == kept
            assert answer_of(chat.tokens.decode(ids)) in run["answer_texts"]


def test_streaming_tells_the_growing_answer(case, chat):
    run = case.facts["runs"][0]
    times = times_in(case.facts["video_messages"][run["video"]])
    seen = chat.see_many([frames_of(case.tensors(), "single0.images")], [times])[0]
    heard: list[str] = []
    answer = chat.ask(Question(seen, run["question"]), greedy(case), heard.append)
    assert heard[-1] == answer.text
    assert len(heard) == len(answer.ids)
