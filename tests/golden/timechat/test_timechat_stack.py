"""The files that TimeChat is spread over: where each weight comes from, and what comes out."""

import pytest
import torch
from published_video_llm import our_names, timechat_sizes

from whenabouts.errors import WeightsError
from whenabouts.models.video_llm import FrameTexts, VideoLlm
from whenabouts.weights.checkpoint import read_network
from whenabouts.weights.published.video_llm_stack import (
    assemble,
    blip_file,
    eva_file,
    llama_file,
    model_file,
)
from whenabouts.weights.rename import load_strictly

pytestmark = pytest.mark.golden("timechat/checkpoint_stack*")


def stack(case, sizes, last: str):
    read = {
        path.stem: read_network(path)
        for path in sorted(case.folder.glob("*"))
        if path.suffix in (".safetensors", ".pth") and path.stem != "io"
    }
    return [
        eva_file("eva_vit_g", read["eva_vit_g"], sizes),
        blip_file("instruct_blip", read["instruct_blip"]),
        llama_file("llama", read["llama"], sizes),
        model_file(last, read[last], sizes),
    ]


@pytest.mark.parametrize(
    ("result", "last"), [("training_start", "vl_llama"), ("evaluation", "timechat")]
)
@torch.no_grad()
def test_stack(case, result, last):
    sizes, io = timechat_sizes(case.facts["config"]), case.tensors()
    model = VideoLlm(sizes)
    dice = torch.Generator().manual_seed(1) if result == "training_start" else None
    whole = assemble(model, stack(case, sizes, last), dice)
    sources = {
        name: source
        for name, source in case.facts["results"][result]["source_of_every_key"].items()
        if not name.endswith("position_ids")
    }
    names = our_names(list(sources))
    assert set(names.values()) == set(whole.tensors)
    for name, source in sources.items():
        label = "fresh" if source == "random initialisation" else source.partition(" ")[0]
        assert whole.origin[names[name]] == label, name
    assert ("vision.pos_embed" in whole.resized) == ("(" in sources["visual_encoder.pos_embed"])
    for key in ("visual_encoder.pos_embed", "video_frame_position_embedding.weight"):
        case.close(whole.tensors[names[key]], io[f"{result}.{key}"], key)
    load_strictly(model, whole.tensors, "the stack")
    model.eval()
    texts = FrameTexts(io["timestamps.input_ids"], io["timestamps.attention_mask"])
    seen, _ = model.see(io["images"].transpose(1, 2), texts)
    case.close(seen, io[f"{result}.video_tokens"], "video tokens")
    logits = io[f"{result}.logits"]
    before = logits.shape[1] - seen.shape[1] - 5
    ids = model.embed(io["llm_input_ids"])
    embedded = torch.cat([ids[:, :before], seen, ids[:, before:]], dim=1)
    case.close(model.logits(embedded), logits, "logits")


def test_a_missing_file_and_a_strange_weight(case):
    sizes = timechat_sizes(case.facts["config"])
    model = VideoLlm(sizes)
    files = stack(case, sizes, "timechat")
    with pytest.raises(WeightsError, match=r"eva_vit_g\.pth"):
        assemble(model, files[1:])
    with pytest.raises(WeightsError, match="LLaMA-2 folder"):
        assemble(model, [files[0], files[1], files[3]])
    with pytest.raises(WeightsError, match="own checkpoint"):
        assemble(model, files[:3])
    strange = {**files[3].tensors, "audio_proj.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match="audio_proj"):
        assemble(model, [*files[:3], model_file("timechat", strange, sizes)])


def test_both_forms_of_the_checkpoint(case):
    """The file as PyTorch saves it and the one in the other format hold the same."""
    if not (case.folder / "timechat.pth").is_file():
        pytest.skip("the case has one form of it")
    both = [read_network(case.folder / f"timechat.{suffix}") for suffix in ("pth", "safetensors")]
    assert both[0].keys() == both[1].keys()
    assert all(torch.equal(both[0][name], both[1][name]) for name in both[0])
