"""Training a retrieval model: from a recipe to a checkpoint folder and its figures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import nn

from whenabouts.data.frame_cache import FrameCache
from whenabouts.data.retrieval import RetrievalSplit, retrieval_split
from whenabouts.errors import SettingsError
from whenabouts.evaluate.run_retrieval import run as evaluate
from whenabouts.models.device import pick_device
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import RetrievalSizes
from whenabouts.models.tokens import TextTokens
from whenabouts.systems.split_scores import SplitScores
from whenabouts.train.best import Best
from whenabouts.train.clip_loader import ClipBatch, ClipLoader
from whenabouts.train.distributed import Ranks, join
from whenabouts.train.events import Events
from whenabouts.train.loop import Logs, LoopSettings, Progress, Run, fit
from whenabouts.train.retrieval_figures import split_figures
from whenabouts.train.retrieval_loss import PairBatch, RetrievalObjective
from whenabouts.train.retrieval_recipe import RetrievalRecipe
from whenabouts.train.run_folder import add_notes, claim
from whenabouts.train.tokenizer import train_tokenizer
from whenabouts.train.towers import halve_towers, plain_tensors, recompute_blocks
from whenabouts.weights.export import export
from whenabouts.weights.folder import TOKENIZER, EncoderSettings, save
from whenabouts.weights.start import fill, read_start

START, EVALUATION = "start.json", "evaluation"
_MOST_SCALE = math.log(100)
"""Published bound of the logit scale."""
_CHOSEN_BY = "t2v.R@1"


def run(
    recipe_path: Path,
    overwrite: Iterable[str] = (),
    *,
    runs: Path = Path("runs"),
    on_progress: Callable[[Progress], None] | None = None,
    stop_after_steps: int | None = None,
) -> Path:
    """Train by a recipe and return the checkpoint folder; a cut-off run goes on where it was.

    Everything goes to `runs/NAME`: `recipe.toml`, `start.json` (what became of every tensor of the
    starting checkpoint), `about.json` (code and machine), `tokenizer.json`, `metrics.csv`,
    `state.safetensors`, `notes.txt` about the data, and at the end the folders `checkpoint` and
    `evaluation` (figures, predictions). Several processes started by `torchrun` share one run.
    """
    recipe = RetrievalRecipe.read(recipe_path, overwrite)
    with join(recipe.loop.device) as ranks:
        return _Training(recipe, runs / recipe.name, ranks, on_progress).run(stop_after_steps)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A network with what its input goes through."""

    model: RetrievalModel
    tokens: TextTokens
    pixels: PixelSettings
    licence: str = ""
    languages: tuple[str, ...] = ("en",)


class _Training:
    """One run, seen from one process."""

    def __init__(
        self,
        recipe: RetrievalRecipe,
        folder: Path,
        ranks: Ranks,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        if recipe.clip_precision == "fp16_inplace" and recipe.loop.precision != "fp32":
            raise SettingsError(
                f"clip_precision=fp16_inplace computes in the precision of its weights, and "
                f"loop.precision is {recipe.loop.precision}; set loop.precision=fp32"
            )
        self.recipe, self.folder, self.ranks = recipe, folder, ranks
        self.on_progress = on_progress if ranks.first else None
        self.device = pick_device(recipe.loop.device)
        self.cache = FrameCache(recipe.cache, recipe.frames)

    def run(self, stop_after_steps: int | None) -> Path:
        """The checkpoint folder."""
        recipe, ranks = self.recipe, self.ranks
        if ranks.first:
            claim(self.folder, recipe, RetrievalRecipe.read, self.device, ranks)
        ranks.wait()
        train = self._split(recipe.data.train)
        network = self._network(train)
        loader = ClipLoader(
            train,
            self.cache,
            network.pixels,
            recipe.loader,
            recipe.augment,
            (ranks.rank, ranks.size),
        )
        loop = with_steps(recipe, loader.order.steps_per_epoch)
        objective = RetrievalObjective(recipe.loss, network.pixels, ranks)

        def feed(first_step: int) -> Iterator[PairBatch]:
            for batch in loader.stream(first_step):
                yield to_pairs(batch, network.tokens, recipe.words, self.device)

        best = Best(self.folder, _CHOSEN_BY)
        events = Events(self.folder / "events") if recipe.tensorboard and ranks.first else None

        def tell(progress: Progress) -> None:
            if events is not None:
                events.write(progress)
            if self.on_progress is not None:
                self.on_progress(progress)

        done = fit(
            Run(
                network.model,
                objective,
                feed,
                loop,
                self.folder,
                self._validation(network, best) if recipe.data.validation else None,
                tell,
                clamp_scale,
                ranks,
            ),
            stop_after_steps,
        )
        if done == loop.steps and ranks.first:
            self._finish(network, best)
        ranks.wait()
        return self.folder / "checkpoint"

    def _split(self, name: str) -> RetrievalSplit:
        """A split with its frames in the cache; what is odd about it goes to `notes.txt`."""
        data, ranks = self.recipe.data, self.ranks
        split = retrieval_split(data.dataset, data.folder, name, data.settings)
        if not ranks.first:
            ranks.wait()  # until the first process has decoded what all will read
        split = self.cache.fill_split(
            split, workers=max(1, self.recipe.loader.workers), tell=self._decoded
        )
        if ranks.first:
            ranks.wait()
        if ranks.first and split.notes:
            add_notes(self.folder, (f"{data.dataset} {name}: {note}" for note in split.notes))
        return split

    def _decoded(self, done: int, total: int, name: str) -> None:  # noqa: ARG002 (told by the cache)
        if self.on_progress is not None:
            self.on_progress(Progress(done, total, {}, "Decoding"))

    def _network(self, train: RetrievalSplit) -> Network:
        """The network as training begins, on every process the same."""
        recipe = self.recipe
        generator = torch.Generator().manual_seed(recipe.seed)
        if recipe.start:
            if recipe.clip is not None or recipe.pixels is not None:
                raise SettingsError(
                    "clip and pixels come from the checkpoint that start names; remove them"
                )
            start = read_start(recipe.start)
            sizes = RetrievalSizes(clip=start.clip, **recipe.head.model_dump())
            network = Network(
                RetrievalModel(sizes), start.tokens, start.pixels, start.licence, start.languages
            )
            account = fill(network.model, start, generator, heads=recipe.start_heads).to_json()
        else:
            network, account = self._from_nothing(train), {"loaded": [], "left_out": []}
            network.model.initialise(generator)
        if recipe.words > network.model.sizes.clip.context_tokens:
            raise SettingsError(
                f"words is {recipe.words}, but the network reads "
                f"{network.model.sizes.clip.context_tokens} tokens; lower it"
            )
        if self.ranks.first:
            text = json.dumps({"start": recipe.start} | account, indent=1)
            (self.folder / START).write_text(text + "\n", encoding="utf-8")
            network.tokens.save(self.folder / TOKENIZER)
        if recipe.clip_precision == "fp16_inplace":
            halve_towers(network.model.clip)
        if recipe.recompute:
            recompute_blocks(network.model)
        return network

    def _from_nothing(self, train: RetrievalSplit) -> Network:
        """A fresh network, its tokenizer learnt from the captions."""
        recipe = self.recipe
        if recipe.clip is None:
            raise SettingsError("name a checkpoint to start from (start=...), or give sizes: clip")
        limit = recipe.clip.context_tokens
        made = train_tokenizer(train.captions, recipe.clip.vocab_tokens, limit)
        clip = recipe.clip.model_copy(update={"vocab_tokens": made.vocab_tokens})
        pixels = recipe.pixels or PixelSettings(size_px=clip.image_px)
        if pixels.size_px != clip.image_px:
            raise SettingsError(
                f"pixels.size_px is {pixels.size_px}, the network takes {clip.image_px}"
            )
        sizes = RetrievalSizes(clip=clip, **recipe.head.model_dump())
        return Network(RetrievalModel(sizes), made, pixels)

    def _validation(self, network: Network, best: Best) -> Callable[[nn.Module], Logs]:
        """Figures on the split that models are chosen by; keeps the best weights."""
        split = self._split(self.recipe.data.validation)
        if self.recipe.validate_videos:
            split = split.keep(range(min(self.recipe.validate_videos, len(split.videos))))
        scores = self._scores(network)

        def validate(model: nn.Module) -> Logs:
            found = split_figures(scores(split), split)
            if self.recipe.keep == "best":
                best.offer(found, cast(RetrievalModel, model))
            return found

        return validate

    def _scores(self, network: Network) -> SplitScores:
        return SplitScores(
            network.model, network.tokens, network.pixels, self.cache, self.recipe.words
        )

    def _finish(self, network: Network, best: Best) -> None:
        """The checkpoint folder, and its figures on the test split."""
        recipe, model = self.recipe, network.model
        chosen = best.read() if recipe.keep == "best" and recipe.data.validation else None
        tensors = plain_tensors(model) if chosen is None else chosen
        model.float().load_state_dict(tensors)
        settings = EncoderSettings(
            name=recipe.name,
            source=f"trained on {recipe.data.dataset} from {recipe.start or 'nothing'}",
            licence=network.licence,
            languages=network.languages,
            rate_hz=recipe.frames.rate_hz,
            pixels=network.pixels,
            tokens=network.tokens.settings,
            sizes=model.sizes,
        )
        searchable = model.sizes.temporal != "seq_lstm" and model.sizes.interaction != "xti"
        towers = (lambda draft: export(model, draft)) if recipe.export and searchable else None
        place = self.folder / "checkpoint"
        save(place, settings, network.tokens, tensors=tensors, more=towers)
        if recipe.score:
            evaluate(recipe.task(), recipe.evaluate, place, folder=self.folder / EVALUATION)


def with_steps(recipe: RetrievalRecipe, batches_an_epoch: int) -> LoopSettings:
    """The loop's settings; where epochs count, with their steps and a look after each."""
    loop = recipe.loop
    if loop.steps:
        return loop
    epoch = max(1, batches_an_epoch // loop.accumulate)
    steps = max(1, batches_an_epoch * recipe.epochs // loop.accumulate)
    return loop.model_copy(update={"steps": steps, "validate_every_steps": epoch})


def to_pairs(batch: ClipBatch, tokens: TextTokens, words: int, device: torch.device) -> PairBatch:
    """A loaded batch as the objective takes it, on its device."""
    texts = tokens.encode(batch.captions, words, pad="limit")
    parts = (texts.ids, texts.mask, batch.pixels, batch.mask, batch.video)
    tensors = [torch.from_numpy(part) for part in parts]
    if device.type == "cuda":
        tensors = [tensor.pin_memory().to(device, non_blocking=True) for tensor in tensors]
    ids, text_mask, pixels, video_mask, video = tensors
    return PairBatch(ids, text_mask, pixels, video_mask.long(), video)


@torch.no_grad()
def clamp_scale(model: nn.Module) -> None:
    """Keep the logit scale at 100 at most, as published."""
    cast(RetrievalModel, model).clip.logit_scale.clamp_(max=_MOST_SCALE)
