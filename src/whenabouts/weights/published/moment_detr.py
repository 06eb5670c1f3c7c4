"""Names of Moment-DETR's tensors as its authors publish them."""

from __future__ import annotations

from whenabouts.weights.rename import Rule, Table

_KINDS = ("weight", "bias")


def _same(ours: str, theirs: str) -> list[Rule]:
    return [Rule(f"{ours}.{kind}", (f"{theirs}.{kind}",)) for kind in _KINDS]


def _attention(ours: str, theirs: str) -> list[Rule]:
    joint = [Rule(f"{ours}.in_proj_{kind}", (f"{theirs}.in_proj_{kind}",)) for kind in _KINDS]
    return joint + _same(f"{ours}.out_proj", f"{theirs}.out_proj")


def _blocks(part: str, *, cross: bool) -> list[Rule]:
    """Blocks of the encoder or decoder; their norms are numbered."""
    theirs = f"transformer.{part}.layers.{{}}"
    ours = f"{part}.{{}}"
    norms = ("attention_norm", "cross_norm", "wide_norm") if cross else (
        "attention_norm", "wide_norm",
    )  # fmt: skip
    rules = _attention(f"{ours}.attention", f"{theirs}.self_attn")
    if cross:
        rules += _attention(f"{ours}.cross", f"{theirs}.multihead_attn")
    for number, norm in enumerate(norms, start=1):
        rules += _same(f"{ours}.{norm}", f"{theirs}.norm{number}")
    return rules + _same(f"{ours}.wide", f"{theirs}.linear1") + _same(
        f"{ours}.narrow", f"{theirs}.linear2"
    )  # fmt: skip


def _entrance(ours: str, theirs: str) -> list[Rule]:
    return _same(f"{ours}.{{}}.norm", f"{theirs}.{{}}.LayerNorm") + _same(
        f"{ours}.{{}}.linear", f"{theirs}.{{}}.net.1"
    )


MOMENT_DETR = Table(
    "Moment-DETR",
    (
        *_entrance("video_in", "input_vid_proj"),
        *_entrance("text_in", "input_txt_proj"),
        Rule("text_places.table.weight", ("txt_position_embed.position_embeddings.weight",)),
        *_same("text_places.norm", "txt_position_embed.LayerNorm"),
        *_blocks("encoder", cross=False),
        *_same("encoder_norm", "transformer.encoder.norm"),
        *_blocks("decoder", cross=True),
        *_same("decoder_norm", "transformer.decoder.norm"),
        Rule("queries.weight", ("query_embed.weight",)),
        *_same("moment", "class_embed"),
        *_same("span.{}", "span_embed.layers.{}"),
        *_same("saliency", "saliency_proj"),
        *_same("align.queries", "contrastive_align_projection_query"),
        *_same("align.words", "contrastive_align_projection_txt"),
        *_same("align.steps", "contrastive_align_projection_vid"),
    ),
)
