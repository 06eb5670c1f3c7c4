"""TimeChat's training step from annotation to optimiser, against the published code."""

import pytest
import torch
from published_video_llm import load_network, our_names, timechat_sizes

from whenabouts.models.chat_text import IGNORED, training_ids, training_text
from whenabouts.models.frame_times import frame_sentences, times_in
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.splice import pad_right
from whenabouts.models.video_llm import PUBLISHED_PARTS, FrameTexts
from whenabouts.train.optimisers import StepSettings, make_groups

pytestmark = pytest.mark.golden("timechat/full_forward*")
_STAMP_LIMIT = 32


@pytest.fixture
def tokens(case) -> LlamaTokens:
    return LlamaTokens.read(
        case.folder / "toy.model", legacy=case.facts["config"]["tokenizer_legacy"]
    )


@pytest.fixture
def model(case):
    model = load_network(timechat_sizes(case.facts["config"]), case.tensors("weights"))
    model.set_trained(PUBLISHED_PARTS)
    return model


def stamped(tokens, message: str) -> list[list[int]]:
    """The sentences of all frames, as training tokenises them."""
    return [tokens.encode(text)[:_STAMP_LIMIT] for text in frame_sentences(times_in(message))]


def as_texts(rows) -> FrameTexts:
    ids = pad_right(rows, 0)
    return FrameTexts(ids, pad_right([[1] * len(row) for row in rows], 0))


def batch_of(case, tokens, model, run):
    """Ids and labels of a run's annotations, padded."""
    facts = case.facts
    by_video = {one["video"]: one for one in facts["annotations"]}
    rows = []
    for video in run["videos"]:
        message = facts["video_messages"][video]
        frames = len(times_in(message))
        text = training_text(
            [(turn["q"], turn["a"]) for turn in by_video[video]["QA"]],
            message,
            model.sizes.tokens_of(frames),
        )
        rows.append(training_ids(text, tokens, facts["config"]["max_txt_len_dataset"]))
    ids = pad_right([ids for ids, _ in rows], tokens.pad_id)
    return ids, pad_right([labels for _, labels in rows], IGNORED)


def see(case, tokens, model, run) -> list[torch.Tensor]:
    """Visual tokens of each video: in one call if all have as many frames, else one by one."""
    io, tag = case.tensors(), run["tag"]
    messages = [case.facts["video_messages"][video] for video in run["videos"]]
    rows = [stamped(tokens, message) for message in messages]
    if run["path"] == "stacked":
        texts = as_texts([row for one in rows for row in one])
        assert torch.equal(texts.ids, io[f"{tag}.timestamps.input_ids"])
        assert torch.equal(texts.mask, io[f"{tag}.timestamps.attention_mask"])
        seen, _ = model.see(io[f"{tag}.images"].transpose(1, 2), texts)
        case.close(seen, io[f"{tag}.video_tokens"], f"{tag} video tokens")
        return list(seen)
    found = []
    for index, one in enumerate(rows):
        texts = as_texts(one)
        assert torch.equal(texts.ids, io[f"{tag}.timestamps.{index}.input_ids"])
        seen, _ = model.see(io[f"{tag}.images.{index}"].transpose(0, 1)[None], texts)
        case.close(seen, io[f"{tag}.video_tokens.{index}"], f"{tag} video tokens {index}")
        found.append(seen[0])
    return found


def loss_of(case, tokens, model, run) -> torch.Tensor:
    io, tag = case.tensors(), run["tag"]
    ids, labels = batch_of(case, tokens, model, run)
    assert torch.equal(ids, io[f"{tag}.input_ids"])
    assert torch.equal(labels, io[f"{tag}.labels"])
    mask = ids.ne(tokens.pad_id).long()
    assert torch.equal(mask, io[f"{tag}.attention_mask"])
    assert int(labels[:, 1:].ne(IGNORED).sum()) == run["supervised_tokens"]
    embedded = model.embed_with(ids, see(case, tokens, model, run), tokens.image_id)
    case.close(embedded, io[f"{tag}.inputs_embeds"], f"{tag} inputs_embeds")
    logits = model.logits(embedded, mask)
    places = io[f"{tag}.supervised_positions"]
    learnt = logits[places[:, 0], places[:, 1]]
    case.close(learnt, io[f"{tag}.supervised_logits"], f"{tag} supervised logits")
    case.close(logits[:, -1], io[f"{tag}.last_position_logits"], f"{tag} last logits")
    loss = model.loss(embedded, mask, labels)
    case.close(loss, torch.tensor(run["loss"]), f"{tag} loss")
    return loss


def test_forward_gradients_and_one_step(case, tokens, model):
    facts, io = case.facts, case.tensors()
    for run in facts["runs"]:
        loss_of(case, tokens, model, run).backward()
    named = dict(model.named_parameters())
    names = our_names(facts["trainable_parameters"])
    assert set(names.values()) == {name for name, p in named.items() if p.requires_grad}
    for name, norm in facts["grad_norms"].items():
        case.close(named[names[name]].grad.norm(), torch.tensor(norm), f"norm of {name}")
    for key, gradient in io.items():
        if key.startswith("grad."):
            case.close(named[names[key.removeprefix("grad.")]].grad, gradient, key)
    said = facts["optimizer"]
    settings = StepSettings(
        learning_rate=said["lr_used_for_the_step"],
        weight_decay=said["param_groups"][0]["weight_decay"],
        betas=said["betas"],
    )
    groups = make_groups([(n, p) for n, p in named.items() if p.requires_grad], settings)
    by_id = {id(p): name for name, p in named.items()}
    for group, expected in zip(groups, said["param_groups"], strict=True):
        assert group["weight_decay"] == expected["weight_decay"]
        mine = {by_id[id(p)] for p in group["params"]}
        assert mine == {names[name] for name in expected["names"]}
    torch.optim.AdamW(
        groups, lr=settings.learning_rate, betas=settings.betas, eps=said["eps"]
    ).step()
    for key, value in io.items():
        if key.startswith("after_step."):
            case.close(named[names[key.removeprefix("after_step.")]], value, key)
