"""SeViLA's published configuration in our terms, and networks with a case's weights."""

from typing import Any

import torch
from published_video_llm import vit_sizes

from whenabouts.models.sevila import Sevila
from whenabouts.models.sevila_sizes import SevilaSizes, T5Sizes
from whenabouts.models.t5 import Ids
from whenabouts.models.video_llm_sizes import QFormerSizes
from whenabouts.weights.published.sevila_names import whole_table
from whenabouts.weights.rename import load_strictly

TABLE = whole_table()


def sizes_of(config: dict[str, Any]) -> SevilaSizes:
    qformer, t5 = config["qformer"], config["t5"]
    return SevilaSizes(
        vit=vit_sizes(config["vit"]),
        qformer=QFormerSizes(
            queries=config["num_query_token"],
            width=qformer["hidden_size"],
            layers=qformer["num_hidden_layers"],
            heads=qformer["num_attention_heads"],
            feed_width=qformer["intermediate_size"],
            memory_width=qformer["encoder_width"],
            cross_every=qformer["cross_attention_freq"],
        ),
        language=T5Sizes(
            width=t5["d_model"],
            feed_width=t5["d_ff"],
            layers=t5["num_layers"],
            decoder_layers=t5["num_decoder_layers"],
            heads=t5["num_heads"],
            head_width=t5["d_kv"],
            vocab_tokens=t5["vocab_size"],
            buckets=t5["relative_attention_num_buckets"],
            far_tokens=t5["relative_attention_max_distance"],
            dropout=t5["dropout_rate"],
            norm_eps=t5["layer_norm_epsilon"],
        ),
    )


def load_sevila(case) -> Sevila:
    model = Sevila(sizes_of(case.facts["config"]))
    load_strictly(model, TABLE.to_ours(case.tensors("weights")), "the case")
    return model.eval()


def given(case, name: str) -> Ids:
    """Ids and mask of one of the case's inputs: `qa`, `loc`, `frame_prefix`, `answer`, ..."""
    io = case.tensors("io_inputs")
    input_name = f"{name}_input_ids"
    ids = io[input_name if input_name in io else f"{name}_ids"]
    masks = (f"{name}_attention_mask", f"{name}_mask")
    mask = next((io[one] for one in masks if one in io), torch.ones_like(ids))
    return Ids(ids, mask)
