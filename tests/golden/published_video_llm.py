"""Published configurations of video LLMs in our terms, and networks with a case's weights."""

from typing import Any

import torch

from whenabouts.models.video_llm import VideoLlm
from whenabouts.models.video_llm_sizes import (
    LlamaSizes,
    LoraSizes,
    QFormerSizes,
    VideoLlmSizes,
    VitSizes,
)
from whenabouts.weights.published.video_llm_names import (
    IGNORED_BUFFERS,
    UNUSED,
    model_rules,
    plain_llama_name,
)
from whenabouts.weights.rename import Table, load_strictly

TABLE = Table("the case", model_rules(LoraSizes()), (*IGNORED_BUFFERS, *UNUSED))


def vit_sizes(config: dict[str, Any]) -> VitSizes:
    return VitSizes(
        image_px=config["img_size"],
        patch_px=config["patch_size"],
        width=config["embed_dim"],
        layers=config["depth"],
        heads=config["num_heads"],
        feed_width=int(config["embed_dim"] * config["mlp_ratio"]),
    )


def timechat_sizes(config: dict[str, Any]) -> VideoLlmSizes:
    """Of a configuration as timechat's cases and manifests write it."""
    vit, qformer, llama = (config[name] for name in ("vit", "qformer", "llama"))
    return VideoLlmSizes(
        vit=vit_sizes(vit),
        frame_qformer=QFormerSizes(
            queries=config["num_query_token"],
            width=qformer["hidden_size"],
            layers=qformer["num_hidden_layers"],
            heads=qformer["num_attention_heads"],
            feed_width=qformer["intermediate_size"],
            memory_width=vit["embed_dim"],
            words=qformer["resized_vocab"],
            positions=qformer["max_position_embeddings"],
        ),
        frame_positions=config["max_frame_pos"],
        video_tokens=config["num_video_query_token"],
        window_frames=config["window_size"],
        stride_frames=config["stride"],
        language=LlamaSizes(
            width=llama["hidden_size"],
            feed_width=llama["intermediate_size"],
            layers=llama["num_hidden_layers"],
            heads=llama["num_attention_heads"],
            vocab_tokens=llama["vocab_size"],
            context_tokens=llama["max_position_embeddings"],
            norm_eps=llama["rms_norm_eps"],
        ),
        lora=LoraSizes(rank=config.get("lora_r", 32), alpha=config["lora_alpha"]),
    )


def vtgllm_sizes(config: dict[str, Any]) -> VideoLlmSizes:
    """Of a configuration as vtgllm's cases write it."""
    vit = config["vit"]
    return VideoLlmSizes(
        vit=VitSizes(
            image_px=vit["img"],
            patch_px=config["patch"],
            width=vit["dim"],
            layers=vit["depth"],
            heads=vit["heads"],
            feed_width=config["vit_mlp_hidden"],
        ),
        frame_qformer=QFormerSizes(
            queries=config["nq"],
            width=config["qh"],
            layers=config["ql"],
            heads=config["qheads"],
            feed_width=config["qi"],
            memory_width=vit["dim"],
            cross_every=config["qformer_cross_attention_every"],
        ),
        frame_positions=config["max_frame_pos"],
        second_positions=config["max_time"],
        compression="slots",
        video_tokens=config["slots"],
        language=LlamaSizes(
            width=config["lh"],
            feed_width=config["li"],
            layers=config["ll"],
            heads=config["lheads"],
            vocab_tokens=config["vocab_total"],
            norm_eps=config["llama_rms_eps"],
            rope_base=config["rope_theta"],
        ),
        lora=LoraSizes(rank=config["lora_r"], alpha=config["lora_alpha"]),
    )


def ivcr_sizes(config: dict[str, Any], head_width: int = 0) -> VideoLlmSizes:
    """Of a configuration as ivcr's cases write it."""
    added = 5
    return VideoLlmSizes(
        vit=VitSizes(
            image_px=config["img"],
            patch_px=config["patch"],
            width=config["vit_dim"],
            layers=config["vit_depth"],
            heads=config["vit_heads"],
            feed_width=int(config["vit_dim"] * config["mlp_ratio_vit"]),
        ),
        frame_qformer=QFormerSizes(
            queries=config["num_query"],
            width=config["qf_hidden"],
            layers=config["qf_layers"],
            heads=config["qf_heads"],
            feed_width=config["qf_inter"],
            memory_width=config["vit_dim"],
            cross_every=config["qformer_cross_attention_every"],
            words=config["bert_vocab"],
            positions=config["bert_maxpos"],
        ),
        frame_positions=config["max_frame_pos"],
        video_tokens=config["num_video_query"],
        window_frames=config["window"],
        stride_frames=config["stride"],
        window_layers=config["video_qformer_layers"],
        language=LlamaSizes(
            width=config["llama_hidden"],
            feed_width=config["llama_inter"],
            layers=config["llama_layers"],
            heads=config["llama_heads"],
            vocab_tokens=config["llama_vocab"] + added,
            norm_eps=config["rms_norm_eps"],
            rope_base=config["rope_theta"],
        ),
        lora=LoraSizes(
            rank=config["lora_r"],
            alpha=config["lora_alpha"],
            targets=tuple(config["lora_targets"]),
        ),
        head_width=head_width,
    )


def plain(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {plain_llama_name(name): value for name, value in tensors.items()}


def load_network(sizes: VideoLlmSizes, weights: dict[str, torch.Tensor]) -> VideoLlm:
    model = VideoLlm(sizes)
    load_strictly(model, TABLE.to_ours(plain(weights)), "the case")
    return model.eval()


def our_names(published: list[str]) -> dict[str, str]:
    """Published names, as a case spells them, to ours."""
    spelled = {plain_llama_name(name): name for name in published}
    marked = {name: torch.tensor(place) for place, name in enumerate(spelled)}
    names = list(spelled.values())
    return {names[int(place)]: ours for ours, place in TABLE.to_ours(marked).items()}
