"""Training the tiny dual encoder: from a recipe to a checkpoint folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from whenabouts.errors import SettingsError
from whenabouts.evaluate.shapes import (
    Case,
    EvaluateSettings,
    draw_all,
    judge,
    look,
    make_cases,
)
from whenabouts.models.device import pick_device
from whenabouts.models.interaction import token_weights
from whenabouts.models.pixels import PixelSettings, prepare
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import RetrievalSizes
from whenabouts.models.tokens import TextTokens
from whenabouts.models.torch_pixels import normalised
from whenabouts.protocols import FrameVectors, Sampling
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import COLOURS, SHAPES
from whenabouts.systems.peaks import Peaks
from whenabouts.train.contrastive import Contrastive, ContrastiveSettings, TensorBatch
from whenabouts.train.feed import Batch, FeedSettings, Source, batches
from whenabouts.train.loop import LoopSettings, Progress, Run, fit
from whenabouts.train.sentences import sentences
from whenabouts.train.tokenizer import settings as token_settings
from whenabouts.train.tokenizer import train_tokenizer
from whenabouts.types import Encoding
from whenabouts.weights.export import export
from whenabouts.weights.folder import TEXT, VISION, EncoderSettings, save
from whenabouts.weights.halve import halve

_TOKENIZER = "tokenizer.json"
_ENCODE = 128
"""Frames encoded at once while validating."""


class Stage(Settings):
    """What batches hold and what counts, up to a step."""

    until_step: int = Field(gt=0)
    feed: FeedSettings
    objective: ContrastiveSettings = ContrastiveSettings()


class TinyRecipe(Settings):
    """Everything that decides what comes out."""

    objective: Literal["tiny-clip"]
    name: str
    seed: int = 0
    sizes: RetrievalSizes
    pixels: PixelSettings
    rate_hz: float = Field(default=2.0, gt=0)
    """Frames a second that the encoder will ask for."""
    vocab_tokens: int = 2048
    """Most tokens; fewer when the sentences need no more."""
    tokenizer_videos: int = 1500
    """Videos whose sentences the tokenizer is trained on."""
    loop: LoopSettings
    stages: tuple[Stage, ...]
    validate_videos: int = 150
    evaluate: EvaluateSettings = EvaluateSettings()
    """For `whenabouts evaluate`."""


def run(
    recipe_path: Path,
    overwrite: Iterable[str] = (),
    *,
    runs: Path = Path("runs"),
    on_progress: Callable[[Progress], None] | None = None,
    stop_after_steps: int | None = None,
) -> Path:
    """Train by a recipe and return the checkpoint folder; a cut-off run goes on where it was.

    Everything goes to `runs/NAME`: `recipe.toml`, `tokenizer.json`, `metrics.csv`,
    `state.safetensors`, and at the end the folder `checkpoint`.
    """
    recipe = TinyRecipe.read(recipe_path, overwrite)
    if recipe.stages[-1].until_step < recipe.loop.steps:
        raise SettingsError(
            f"the last stage ends at step {recipe.stages[-1].until_step}, before the last step "
            f"{recipe.loop.steps}; raise its until_step"
        )
    folder = runs / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.toml").write_text(recipe.to_toml(), encoding="utf-8")
    tokens = _tokens(recipe, folder)
    sizes = _with_vocab(recipe.sizes, tokens.vocab_tokens)
    model = RetrievalModel(sizes)
    model.initialise(torch.Generator().manual_seed(recipe.seed))
    torch.manual_seed(recipe.seed)
    objective = Contrastive(sizes.clip.embed_width)
    device = pick_device(recipe.loop.device)
    validate = Validation(recipe, tokens)

    def feed(first_step: int) -> Iterator[TensorBatch]:
        return _stages(recipe, folder / _TOKENIZER, first_step, objective, device)

    done = fit(
        Run(model, objective, feed, recipe.loop, folder, validate, on_progress), stop_after_steps
    )
    if done == recipe.loop.steps:
        write(model, tokens, recipe, folder / "checkpoint")
    return folder / "checkpoint"


def write(model: RetrievalModel, tokens: TextTokens, recipe: TinyRecipe, folder: Path) -> None:
    """The checkpoint folder: weights for further training and both towers as ONNX."""
    settings = EncoderSettings(
        name=recipe.name,
        source="whenabouts train recipes/tiny-clip.toml",
        licence="Apache-2.0",
        languages=("en", "zh"),
        rate_hz=recipe.rate_hz,
        pixels=recipe.pixels,
        tokens=tokens.settings,
        sizes=model.sizes,
    )
    model = model.cpu()
    # Rounded first and exported then, so that both forms hold the very same weights.
    tensors = {name: value.half() for name, value in model.state_dict().items()}
    model.load_state_dict({name: value.float() for name, value in tensors.items()})

    def towers(draft: Path) -> None:
        export(model, draft)
        for name in (VISION, TEXT):
            halve(draft / name)

    save(folder, settings, tokens, tensors=tensors, more=towers)


def to_tensors(batch: Batch, pixels: PixelSettings, device: torch.device) -> TensorBatch:
    """A drawn batch as the objective takes it."""

    def tensor(values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(values).to(device)

    pictures = normalised(tensor(batch.pixels), pixels)
    things = batch.facts.things
    looks = np.zeros((len(things), len(SHAPES) * len(COLOURS)), np.float32)
    frame, thing = np.nonzero(things[..., 0] >= 0)
    shape, colour, faint = (things[frame, thing, column] for column in (0, 1, -1))
    looks[frame, shape * len(COLOURS) + colour] = np.where(faint > 0, -1, 1)
    return TensorBatch(
        pictures,
        tensor(batch.facts.patches.astype(np.int64) + 1),
        tensor(batch.facts.grounds.astype(np.int64)),
        tensor(looks),
        tensor(batch.texts.ids),
        tensor(batch.texts.mask),
        tensor(batch.truth),
        tensor(batch.captions.ids),
        tensor(batch.captions.mask),
        batch.videos,
    )


def _tokens(recipe: TinyRecipe, folder: Path) -> TextTokens:
    """The run's tokenizer, trained once."""
    path, limit = folder / _TOKENIZER, recipe.sizes.clip.context_tokens
    if not path.exists():
        made = train_tokenizer(sentences(recipe.tokenizer_videos), recipe.vocab_tokens, limit)
        made.save(path)
    return TextTokens.read(path, token_settings(limit))


def _with_vocab(sizes: RetrievalSizes, vocab_tokens: int) -> RetrievalSizes:
    """The sizes with the rows that the tokenizer came out with."""
    clip = sizes.clip.model_copy(update={"vocab_tokens": vocab_tokens})
    return sizes.model_copy(update={"clip": clip})


def _stages(
    recipe: TinyRecipe,
    tokenizer: Path,
    first_step: int,
    objective: Contrastive,
    device: torch.device,
) -> Iterator[TensorBatch]:
    """Batches of all stages from a step on; the objective follows the stage."""
    limit = recipe.sizes.clip.context_tokens
    step = first_step
    for stage in recipe.stages:
        if step >= stage.until_step:
            continue
        objective.settings = stage.objective
        source = Source(
            stage.feed,
            recipe.pixels,
            recipe.sizes.clip.patch_px,
            token_settings(limit),
            tokenizer,
        )
        for batch in islice(batches(source, step), stage.until_step - step):
            yield to_tensors(batch, recipe.pixels, device)
        step = stage.until_step


class Validation:
    """Figures on videos of the split `val`, drawn once; training never sees them."""

    def __init__(self, recipe: TinyRecipe, tokens: TextTokens) -> None:
        self._recipe, self._tokens = recipe, tokens
        self._settings = EvaluateSettings(
            split="val",
            videos=max(1, recipe.validate_videos),
            rate_hz=recipe.rate_hz,
            short_px=recipe.pixels.size_px,
            workers=0,
        )
        self._drawn: list[tuple[Case, NDArray[np.uint8]]] = []

    def __call__(self, model: nn.Module) -> dict[str, float]:
        """Text-to-video R@1 and R@10 and moment R@1, each language; nothing for no videos."""
        if not self._recipe.validate_videos:
            return {}
        if not self._drawn:
            self._drawn = list(draw_all(make_cases(self._settings), self._settings))
        encoder = ModelEncoder(cast(RetrievalModel, model), self._recipe, self._tokens)
        seen = look(encoder, iter(self._drawn), self._settings)
        cases = [case for case, _ in self._drawn]
        found = judge(encoder, cases, seen, Peaks(), self._settings).figures
        kept = ("R@1", "R@10", "R@1 IoU=0.5")
        return {
            name: value
            for name, value in found.items()
            if name.split(".", 2)[-1] in kept and not name.startswith("video")
        }


class ModelEncoder:
    """An `Encoder` on a network in training."""

    def __init__(self, model: RetrievalModel, recipe: TinyRecipe, tokens: TextTokens) -> None:
        self._model, self._recipe, self._tokens = model, recipe, tokens
        self.name = recipe.name
        self.fingerprint = ""
        self.width = recipe.sizes.clip.embed_width
        self.sampling = Sampling(recipe.rate_hz)
        self.input_px = recipe.pixels.size_px

    @torch.no_grad()
    def encode_frames(self, pixels: NDArray[np.uint8]) -> FrameVectors:
        """Encode `pixels` uint8 [N,H,W,3]."""
        device = next(self._model.parameters()).device
        vectors: list[Tensor] = []
        logits: list[Tensor] = []
        for start in range(0, len(pixels), _ENCODE):
            prepared = prepare(pixels[start : start + _ENCODE], self._recipe.pixels)
            tokens = self._model.images(torch.from_numpy(prepared).to(device))
            vectors.append(tokens.unit[0].cpu())
            logits.append(cast(Tensor, tokens.logits)[0].cpu())
        return FrameVectors(torch.cat(vectors).numpy(), torch.cat(logits).numpy())

    @torch.no_grad()
    def encode_text(self, text: str) -> Encoding:
        """Encode one query."""
        device = next(self._model.parameters()).device
        batch = self._tokens.encode([text])
        ids, mask = (torch.from_numpy(v).to(device) for v in (batch.ids, batch.mask))
        tokens = self._model.text(ids, mask)
        weights = token_weights(cast(Tensor, tokens.logits), mask)[0]
        return Encoding(tokens.unit[0].cpu().numpy(), weights.cpu().numpy(), words=batch.words[0])
