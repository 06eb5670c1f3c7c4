"""The frame Q-Former with and without text, layer by layer, against the published network."""

import pytest
import torch

from whenabouts.models.qformer import QFormer
from whenabouts.models.video_llm_sizes import QFormerSizes
from whenabouts.weights.published.video_llm_names import qformer_rules
from whenabouts.weights.rename import Table, load_strictly

pytestmark = pytest.mark.golden("timechat/image_qformer*")


def load_qformer(config: dict, weights: dict[str, torch.Tensor], *, text: bool) -> QFormer:
    sizes = QFormerSizes(
        queries=config["num_query_token"],
        width=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        feed_width=config["intermediate_size"],
        memory_width=config["encoder_width"],
        cross_every=config["cross_attention_freq"],
        words=config["resized_vocab"] if text else 0,
        positions=config["max_position_embeddings"],
    )
    table = Table(
        "image Q-Former", qformer_rules("q", "Qformer", "query_tokens"), ("*position_ids",)
    )
    ours = {key.removeprefix("q."): value for key, value in table.to_ours(weights).items()}
    model = QFormer(sizes)
    if not text:
        ours = {key: value for key, value in ours.items() if key in model.state_dict()}
    load_strictly(model, ours, "the case")
    return model.eval()


@torch.no_grad()
def test_with_text(case):
    config, io = case.facts["config"], case.tensors()
    model = load_qformer(config, case.tensors("weights"), text=True)
    seen = {}

    def watch(module, name):
        module.register_forward_hook(lambda _module, _given, out: seen.update({name: out}))

    watch(model.norm, "hidden_0")
    for index, layer in enumerate(model.layers):
        watch(layer, f"hidden_{index + 1}")
    watch(model.layers[0].attention, "layer0_self_attention")
    watch(model.layers[0].cross, "layer0_cross_attention")
    out = model(io["image_embeds"], io["input_ids"], io["text_attention_mask"])
    assert len(seen) == 3 + config["num_hidden_layers"]
    for name, value in seen.items():
        case.close(value, io[name], name)
    case.close(out, io["last_hidden_state"], "last_hidden_state")


@torch.no_grad()
def test_without_text(case):
    io = case.tensors()
    model = load_qformer(case.facts["config"], case.tensors("weights"), text=False)
    case.close(model(io["image_embeds"]), io["last_hidden_state_no_text"], "no text")
