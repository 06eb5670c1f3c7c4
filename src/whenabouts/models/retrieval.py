"""The dual encoder: CLIP, token weights and an optional mix of frames.

Shapes: B clips or texts, F frames, L tokens, N pictures, S picture side, E embedding width.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from whenabouts.models.clip import Clip, Transformer
from whenabouts.models.cross import CrossInteraction
from whenabouts.models.interaction import INTERACTIONS, Halves, Tokens, last_of, weight_net
from whenabouts.models.sizes import RetrievalSizes
from whenabouts.models.temporal import NoTemporal, SeqLstm, SeqTransf

_START_STD = 0.02


class RetrievalModel(nn.Module):
    """Texts and clips as weighted tokens in one space.

    State dict keys: `clip.*` (OpenAI layout), `text_weight_fc.*` and `video_weight_fc.*` for WTI,
    `temporal.*` when frames are mixed, `pairs.*` for XTI.
    """

    def __init__(self, sizes: RetrievalSizes) -> None:
        super().__init__()
        self.sizes = sizes
        width = sizes.clip.embed_width
        self.clip = Clip(sizes.clip)
        if sizes.interaction == "wti":
            layers, hidden = sizes.weight_layers, sizes.weight_hidden
            self.text_weight_fc = weight_net(width, layers, hidden)
            self.video_weight_fc = weight_net(width, layers, hidden)
        if sizes.interaction == "xti":
            positions = max(sizes.temporal_positions, sizes.clip.context_tokens)
            self.pairs = CrossInteraction(width, sizes.cross_layers, sizes.cross_heads, positions)
        self.temporal = _temporal(sizes)

    def initialise(self, generator: torch.Generator) -> None:
        """Random start for training from nothing."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=_START_STD, generator=generator)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        self.clip.initialise(generator)
        self.start_temporal()

    def start_temporal(self) -> None:
        """Copy the text tower's positions and first blocks into what reads frames.

        Done after CLIP is loaded or initialised; nothing happens where the widths differ, or where
        there is neither a frame transformer nor a cross transformer.
        """
        if isinstance(self.temporal, SeqTransf):
            self._start(self.temporal.frame_position_embeddings, self.temporal.transformerClip)
        if self.sizes.interaction == "xti":
            cross = self.pairs.cross
            self._start(cross.embeddings.position_embeddings, cross.transformer)

    def _start(self, positions: nn.Embedding, blocks: Transformer) -> None:
        """Copy what fits of the text tower."""
        source = self.clip.positional_embedding
        if positions.weight.shape[1] != source.shape[1]:
            return
        rows = min(len(positions.weight), len(source))
        with torch.no_grad():
            positions.weight[:rows].copy_(source[:rows])
        pairs = zip(blocks.resblocks, self.clip.transformer.resblocks, strict=False)
        for mine, theirs in pairs:
            mine.load_state_dict(theirs.state_dict())

    def text(self, ids: Tensor, mask: Tensor) -> Tokens:
        """`ids` and `mask` int64 [B,L] to tokens [B,L,E]."""
        return self.weigh("text", self.clip.text_tokens(ids).float(), mask)

    def images(self, pixels: Tensor) -> Tokens:
        """Single prepared pictures [N,3,S,S] to tokens [1,N,E], each as a clip of one frame.

        This is what a library stores: a frame's vector must not depend on the window in which it
        is scored later.
        """
        alone = self.clip.image(pixels).float().unsqueeze(1)
        mask = torch.ones(alone.shape[:2], dtype=torch.int64, device=alone.device)
        vectors = self.temporal(alone, mask).transpose(0, 1)
        return self.weigh("video", vectors, mask.T)

    def frames(self, pixels: Tensor, mask: Tensor) -> Tensor:
        """Prepared clips [B,F,3,S,S] with `mask` [B,F] to raw features [B,F,E], not mixed yet.

        Padded slots are not run through the tower; their features are zero.
        """
        valid = mask.bool()
        found = self.clip.image(pixels[valid]).float()
        vectors = found.new_zeros(*valid.shape, found.shape[-1])
        return vectors.masked_scatter(valid.unsqueeze(-1), found)

    def video(self, pixels: Tensor, mask: Tensor) -> Tokens:
        """Prepared clips [B,F,3,S,S] with `mask` [B,F] to tokens [B,F,E]."""
        return self.weigh("video", self.temporal(self.frames(pixels, mask), mask), mask)

    def weigh(self, side: Literal["text", "video"], vectors: Tensor, mask: Tensor) -> Tokens:
        """Raw features [B,N,E] with their weight logits; none when this model weighs no tokens."""
        if self.sizes.interaction != "wti":
            return Tokens(vectors, mask)
        net = self.text_weight_fc if side == "text" else self.video_weight_fc
        return Tokens(vectors, mask, net(vectors).squeeze(-1))

    def score(self, text: Tokens, video: Tokens) -> Halves:
        """Both directions of the score of every text with every clip, without the logit scale."""
        if self.sizes.interaction == "xti":
            scores = self.pairs(last_of(text.vectors, text.mask), video.vectors, video.mask)
            return Halves(scores, scores)
        return INTERACTIONS[self.sizes.interaction](text, video, self.sizes.mask_mode)

    def forward(self, ids: Tensor, text_mask: Tensor, pixels: Tensor, video_mask: Tensor) -> Tensor:
        """Scores [texts,clips] in [-1, 1]."""
        return self.score(self.text(ids, text_mask), self.video(pixels, video_mask)).mean


def _temporal(sizes: RetrievalSizes) -> nn.Module:
    """The frame mixer that the sizes ask for."""
    width = sizes.clip.embed_width
    if sizes.temporal == "seq_transf":
        return SeqTransf(width, sizes.temporal_layers, sizes.temporal_positions)
    if sizes.temporal == "seq_lstm":
        return SeqLstm(width)
    return NoTemporal()
