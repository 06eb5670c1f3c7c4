"""T5 from transformers, read and continued from embeddings.

Source: https://arxiv.org/abs/1910.10683; Flan-T5, https://arxiv.org/abs/2210.11416.
Shapes: N texts, L positions that are read, J positions that are written, D width, V vocabulary.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.errors import MissingPartError
from whenabouts.models.llama import mend_torchvision
from whenabouts.models.past import given_past
from whenabouts.models.sevila_sizes import T5Sizes
from whenabouts.models.t5_steps import few_steps, few_steps_fit

if TYPE_CHECKING:
    from transformers.models.t5.modeling_t5 import T5Stack

PAD_ID, END_ID = 0, 1
START_ID = PAD_ID
"""What the decoder begins with."""


@dataclass(frozen=True, slots=True, eq=False)
class Ids:
    """Texts as ids: `ids` and `mask` int64 [N,L], padding behind."""

    ids: Tensor
    mask: Tensor

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Ids:
        """Rows of several lengths, padded."""
        longest = max((len(row) for row in rows), default=0)
        ids = torch.full((len(rows), longest), PAD_ID)
        mask = torch.zeros(len(rows), longest, dtype=torch.long)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask[place, : len(row)] = 1
        return cls(ids, mask)

    def repeated(self, times: int) -> Ids:
        """Each row so many times, one behind the other."""
        return Ids(self.ids.repeat_interleave(times, 0), self.mask.repeat_interleave(times, 0))

    def to(self, device: torch.device) -> Ids:
        """The same on a device."""
        return Ids(self.ids.to(device), self.mask.to(device))


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What the encoder made of texts: `states` [N,L,D], `mask` int64 [N,L]."""

    states: Tensor
    mask: Tensor

    def row(self, place: int) -> Read:
        """One text of them."""
        return Read(self.states[place : place + 1], self.mask[place : place + 1])


class T5(nn.Module):
    """Encoder and decoder with one table of words and a head that is not tied to it."""

    def __init__(self, sizes: T5Sizes) -> None:
        super().__init__()
        self.words = nn.Embedding(sizes.vocab_tokens, sizes.width)
        self.encoder = _stack(sizes, decodes=False)
        self.decoder = _stack(sizes, decodes=True)
        self.head = nn.Linear(sizes.width, sizes.vocab_tokens, bias=False)

    def read(self, embedded: Tensor, mask: Tensor) -> Read:
        """Embedded texts [N,L,D] with `mask` [N,L], once through the encoder."""
        found = self.encoder(inputs_embeds=embedded, attention_mask=mask)
        return Read(found.last_hidden_state, mask)

    def write(self, read: Read, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Scores [N,J,V] of the word behind each of `ids` [N,J], which begin with `START_ID`."""
        found = self.decoder(
            inputs_embeds=self.words(ids),
            attention_mask=mask,
            encoder_hidden_states=read.states,
            encoder_attention_mask=read.mask,
            use_cache=False,
        )
        return self._scores(found.last_hidden_state)

    def first(self, read: Read, words: Sequence[int] | None = None) -> Tensor:
        """Scores [N,V] of the first word: one step of the decoder. `words`: of these alone."""
        return self.next(read, self._start(read), words)

    def second(self, read: Read, words: Sequence[int] | None = None) -> Tensor:
        """Scores [N,V] of the second word, behind the most probable first one.

        Two steps of the decoder; the second is taken even where the first word is the end.
        """
        start = self._start(read)
        first = self.next(read, start).argmax(dim=-1, keepdim=True)
        return self.next(read, torch.cat([start, first], dim=1), words)

    def next(self, read: Read, ids: Tensor, words: Sequence[int] | None = None) -> Tensor:
        """Scores [N,V] of the word behind the last of `ids` [N,J]; `words`: of these alone."""
        if not few_steps_fit(self.decoder, read.states, ids.shape[1]):
            scores = self.write(read, ids)[:, -1]
            return scores if words is None else scores[:, list(words)]
        states = few_steps(self.decoder, self.words(ids), read.states, read.mask)[:, -1]
        if words is None:
            return self._scores(states)
        return F.linear(states, self.head.weight[list(words)])

    def teach(self, read: Read, targets: Ids) -> Tensor:
        """Scores [N,J,V] of the words of `targets`, each given those before it."""
        behind = targets.ids.masked_fill(targets.mask == 0, PAD_ID)[:, :-1]
        return self.write(read, torch.cat([self._start(read), behind], dim=1), targets.mask)

    @torch.inference_mode()
    def greedy(self, read: Read, steps: int) -> tuple[Tensor, Tensor]:
        """The most probable words, one by one: ids [N,J] and their scores [N,J,V], J <= `steps`.

        Ends when all texts have ended; what stands behind an end is padding.
        """
        from transformers import DynamicCache, EncoderDecoderCache

        config = self.decoder.config
        cache = EncoderDecoderCache(DynamicCache(config=config), DynamicCache(config=config))
        last = self._start(read)
        done = torch.zeros(len(last), dtype=torch.bool, device=last.device)
        chosen: list[Tensor] = []
        scores: list[Tensor] = []
        while len(chosen) < steps and not bool(done.all()):
            found = self.decoder(
                inputs_embeds=self.words(last),
                encoder_hidden_states=read.states,
                encoder_attention_mask=read.mask,
                use_cache=True,
                **given_past(cache),
            )
            scores.append(self._scores(found.last_hidden_state)[:, -1])
            word = scores[-1].argmax(dim=-1).masked_fill(done, PAD_ID)
            chosen.append(word)
            done |= word == END_ID
            last = word[:, None]
        return torch.stack(chosen, dim=1), torch.stack(scores, dim=1)

    def initialise(self, generator: torch.Generator) -> None:
        """Random start with the spreads that T5 is trained from."""
        width = self.words.embedding_dim
        nn.init.normal_(self.words.weight, generator=generator)
        nn.init.normal_(self.head.weight, std=width**-0.5, generator=generator)
        for name, weight in [*self.encoder.named_parameters(), *self.decoder.named_parameters()]:
            if weight.ndim == 1:
                nn.init.ones_(weight)
                continue
            std = weight.shape[1] ** -0.5
            if name.endswith("Attention.q.weight"):
                std *= (weight.shape[0] / self.encoder.config.num_heads) ** -0.5
            elif "relative_attention_bias" in name:
                std = width**-0.5
            nn.init.normal_(weight, std=std, generator=generator)

    def _start(self, read: Read) -> Tensor:
        rows = len(read.states)
        return torch.full((rows, 1), START_ID, dtype=torch.long, device=read.states.device)

    def _scores(self, states: Tensor) -> Tensor:
        return self.head(states.to(self.head.weight.dtype))


def _stack(sizes: T5Sizes, *, decodes: bool) -> T5Stack:
    """One side of T5, without a table of words of its own."""
    if importlib.util.find_spec("transformers") is None:
        raise MissingPartError("T5 needs transformers: pip install 'whenabouts[torch]'")
    mend_torchvision()
    from transformers import T5Config
    from transformers.models.t5.modeling_t5 import T5Stack

    config = T5Config(
        # Of a table that is thrown away below; the end has to be in it.
        vocab_size=END_ID + 1,
        d_model=sizes.width,
        d_kv=sizes.head_width,
        d_ff=sizes.feed_width,
        num_layers=sizes.decoder_layers if decodes else sizes.layers,
        num_heads=sizes.heads,
        relative_attention_num_buckets=sizes.buckets,
        relative_attention_max_distance=sizes.far_tokens,
        dropout_rate=sizes.dropout,
        layer_norm_epsilon=sizes.norm_eps,
        feed_forward_proj="gated-gelu",
        is_decoder=decodes,
        use_cache=decodes,
        pad_token_id=PAD_ID,
        eos_token_id=END_ID,
    )
    config.dense_act_fn = "gelu" if sizes.exact_gelu else "gelu_new"
    stack = T5Stack(config)
    cast(Any, stack).set_input_embeddings(None)
    return stack
