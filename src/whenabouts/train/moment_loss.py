"""What Moment-DETR minimises: matched windows, their scores, and saliency.

Shapes: B videos, Q windows, G true windows of a video, N steps, P pairs, K decoder layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.models.assign import assign
from whenabouts.models.moment_detr import Found
from whenabouts.settings import Settings

MOMENT = 0
"""Place of the score for a moment in `Found.logits`."""
Pairs = list[tuple[list[int], list[int]]]
"""For each video: told windows, and the true one of each."""


class MomentLossSettings(Settings):
    """Weights of the parts, as published."""

    span: float = 10.0
    giou: float = 1.0
    label: float = 4.0
    saliency: float = 1.0
    align: float = 0.02
    """Contrastive alignment; counts where the network has it."""
    edges: float = 1.0
    """Cross-entropy of the steps at which windows begin and end; counts for `spans = "point"`."""
    none_weight: float = 0.1
    """Of windows without a true one, in the loss of scores."""
    match_span: float = 10.0
    match_giou: float = 1.0
    match_label: float = 4.0
    margin: float = 0.2
    """Between saliencies."""
    temperature: float = Field(default=0.07, gt=0)
    all_layers: bool = True
    """Ask all but saliency of every decoder layer."""


@dataclass(frozen=True, slots=True, eq=False)
class MomentBatch:
    """Videos with a query each."""

    video: Tensor
    """[B,N,V]."""
    video_mask: Tensor
    """[B,N], 1 for what is valid."""
    text: Tensor
    """[B,T,W]."""
    text_mask: Tensor
    windows: tuple[Tensor, ...]
    """[G,2] centre and width in shares of the video, one tensor a video; G may be 0."""
    high: Tensor
    """[B,P] steps that should stand higher than those of `low`."""
    low: Tensor
    rated: Tensor
    """[B] 1 where `high` and `low` say something, 0 where nothing is relevant."""


class MomentObjective(nn.Module):
    """The loss of a batch, with its parts."""

    def __init__(self, settings: MomentLossSettings) -> None:
        super().__init__()
        self.settings = settings

    def loss(self, model: nn.Module, batch: MomentBatch) -> tuple[Tensor, dict[str, float]]:
        """Total, and its parts without their weights."""
        found = cast(Found, model(batch.video, batch.video_mask, batch.text, batch.text_mask))
        parts = losses(found, batch, self.settings)
        total = sum((weight_of(n, self.settings) * v for n, v in parts.items()), torch.tensor(0.0))
        last = {name: value.item() for name, value in parts.items() if "." not in name}
        return total, last


def weight_of(name: str, settings: MomentLossSettings) -> float:
    """Weight of a part; `span.0` is that of decoder layer 0."""
    return float(getattr(settings, name.split(".")[0]))


def losses(found: Found, batch: MomentBatch, settings: MomentLossSettings) -> dict[str, Tensor]:
    """The parts: those of the last layer by name, of earlier ones with `.0`, `.1` behind."""
    last = len(found.logits) - 1
    parts: dict[str, Tensor] = {}
    for layer in range(last + 1) if settings.all_layers else (last,):
        pairs = match(found, layer, batch.windows, settings)
        of_layer = _layer_losses(found, layer, pairs, batch, settings)
        tail = "" if layer == last else f".{layer}"
        parts |= {f"{name}{tail}": value for name, value in of_layer.items()}
    parts["saliency"] = saliency_loss(found.saliency, batch, settings.margin)
    return parts


def missed(found: Found, layer: int, pairs: Pairs) -> float:
    """Percent of matched windows that their scores call no moment."""
    best = found.logits[layer].argmax(dim=-1)
    called = [best[row, place] == MOMENT for row, (told, _) in enumerate(pairs) for place in told]
    return 100.0 * (1 - float(torch.stack(called).float().mean())) if called else 0.0


def match(
    found: Found, layer: int, windows: Sequence[Tensor], settings: MomentLossSettings
) -> Pairs:
    """Which told window is to become which true one: the cheapest way to pair them."""
    with torch.no_grad():
        share = found.logits[layer].softmax(dim=-1)[..., MOMENT]
        spans = found.spans[layer]
        pairs: Pairs = []
        for row, truth in enumerate(windows):
            cost = (
                settings.match_span * torch.cdist(spans[row], truth, p=1)
                - settings.match_giou * generalised_iou(edges_of(spans[row]), edges_of(truth))
                - settings.match_label * share[row, :, None]
            )
            pairs.append(assign(cost.double().cpu().numpy()))
    return pairs


def _layer_losses(
    found: Found, layer: int, pairs: Pairs, batch: MomentBatch, settings: MomentLossSettings
) -> dict[str, Tensor]:
    device = found.logits.device
    rows = [row for row, (told, _) in enumerate(pairs) for _ in told]
    told = [place for mine, _ in pairs for place in mine]
    at = torch.tensor(rows, device=device), torch.tensor(told, device=device)
    truth = torch.cat([batch.windows[n][true] for n, (_, true) in enumerate(pairs)])
    logits = found.logits[layer]
    wanted = torch.full(logits.shape[:2], 1 - MOMENT, device=device)
    parts: dict[str, Tensor] = {}
    if rows:
        wanted[at] = MOMENT
        spans = found.spans[layer][at]
        overlap = generalised_iou(edges_of(spans), edges_of(truth)).diagonal()
        parts["span"] = F.l1_loss(spans, truth)
        parts["giou"] = (1 - overlap).mean()
    else:
        parts["span"] = parts["giou"] = found.spans[layer].sum() * 0.0
    weights = logits.new_tensor([1.0, settings.none_weight])
    each = F.cross_entropy(logits.transpose(1, 2).float(), wanted, weights, reduction="none")
    parts["label"] = each.mean()
    if found.edges is not None:
        counts = batch.video_mask.sum(dim=1)
        parts["edges"] = edge_loss(found.edges[layer][at], truth, counts[at[0]])
    if found.queries is not None and found.words is not None:
        parts["align"] = align_loss(found.queries[layer], found.words, at, settings.temperature)
    return parts


def saliency_loss(saliency: Tensor, batch: MomentBatch, margin: float) -> Tensor:
    """How far the steps that matter do not stand above those that do not, by `margin`."""
    gap = saliency.gather(1, batch.low) - saliency.gather(1, batch.high) + margin
    count = batch.rated.sum().clamp(min=1) * batch.high.shape[1]
    return (gap.clamp(min=0) * batch.rated[:, None]).sum() / count * 2


def align_loss(
    queries: Tensor, words: Tensor, at: tuple[Tensor, Tensor], temperature: float
) -> Tensor:
    """How much nearer the matched windows are to the text than the others.

    Padded words count, as published.
    """
    logits = torch.einsum("bqd,btd->bqt", queries, words).sum(dim=2) / temperature
    matched = torch.zeros_like(logits)
    matched[at] = 1.0
    near = (logits * matched).sum(dim=1) / matched.sum(dim=1).clamp(min=1)
    any_matched = (matched.sum(dim=1) > 0).to(logits.dtype)
    each = (logits.logsumexp(dim=1) - near) * any_matched
    return each.sum() / any_matched.sum().clamp(min=1)


def edge_loss(scores_R2N: Tensor, truth_R2: Tensor, counts_R: Tensor) -> Tensor:
    """Cross-entropy of the steps nearest to each edge, shared between the two beside it."""
    if not len(scores_R2N):
        return scores_R2N.sum() * 0.0
    edges = edges_of(truth_R2) * counts_R[:, None]
    edges = edges - edges.new_tensor([0.0, 1.0])
    place = torch.minimum(edges.clamp(min=0), (counts_R - 1)[:, None].to(edges.dtype))
    low = place.floor()
    share = place - low
    low = low.long()
    high = torch.minimum(low + 1, (counts_R - 1)[:, None].long())
    logs = scores_R2N.float().log_softmax(dim=-1)
    of_low = logs.gather(2, low[..., None]).squeeze(-1)
    of_high = logs.gather(2, high[..., None]).squeeze(-1)
    return -((1 - share) * of_low + share * of_high).mean()


def edges_of(spans: Tensor) -> Tensor:
    """First and last edge [...,2] of centre and width [...,2]."""
    centre, width = spans.unbind(dim=-1)
    return torch.stack([centre - width / 2, centre + width / 2], dim=-1)


def spans_of(edges: Tensor) -> Tensor:
    """Centre and width [...,2] of first and last edge [...,2]."""
    first, last = edges.unbind(dim=-1)
    return torch.stack([(first + last) / 2, last - first], dim=-1)


def pair_iou(a_M2: Tensor, b_G2: Tensor) -> tuple[Tensor, Tensor]:
    """[M,G] intersection over union of windows by their edges, and the union."""
    lengths = (a_M2[:, 1] - a_M2[:, 0])[:, None] + (b_G2[:, 1] - b_G2[:, 0])[None, :]
    first = torch.maximum(a_M2[:, None, 0], b_G2[None, :, 0])
    last = torch.minimum(a_M2[:, None, 1], b_G2[None, :, 1])
    shared = (last - first).clamp(min=0)
    union = lengths - shared
    return shared / union, union


def generalised_iou(a_M2: Tensor, b_G2: Tensor) -> Tensor:
    """[M,G] IoU less the share of the stretch over both that neither covers; 1 down to -1."""
    iou, union = pair_iou(a_M2, b_G2)
    first = torch.minimum(a_M2[:, None, 0], b_G2[None, :, 0])
    last = torch.maximum(a_M2[:, None, 1], b_G2[None, :, 1])
    hull = (last - first).clamp(min=0)
    return iou - (hull - union) / hull
