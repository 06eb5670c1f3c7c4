"""Training Moment-DETR: from a recipe to a checkpoint folder with its network for use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from whenabouts.data.moments.drawn import DrawnMoments, DrawnVideos
from whenabouts.data.moments.example import MomentExample
from whenabouts.data.moments.features import FeatureMoments
from whenabouts.errors import SettingsError
from whenabouts.library.encoders import open_encoder
from whenabouts.metrics.qvhighlights import qvhighlights
from whenabouts.models.device import pick_device
from whenabouts.models.moment_detr import Found, MomentDetr
from whenabouts.models.moment_features import MATCH_COLUMNS
from whenabouts.models.moment_windows import ranked, tidied
from whenabouts.protocols import Encoder
from whenabouts.train.best import Best
from whenabouts.train.distributed import ALONE
from whenabouts.train.loop import Logs, LoopSettings, Progress, Run, fit
from whenabouts.train.moment_collate import collate
from whenabouts.train.moment_loss import MOMENT, MomentObjective
from whenabouts.train.moment_recipe import MomentRecipe
from whenabouts.train.moment_source import DrawnSource, MomentSource, batches, drawn_example
from whenabouts.train.run_folder import claim
from whenabouts.train.towers import plain_tensors
from whenabouts.weights.moment_folder import MomentSettings, save_moments
from whenabouts.weights.moment_start import read_moment_start

CHECKPOINT = "checkpoint"
_AT_ONCE = 64
"""Examples of the validation."""
_PLACES = 2
"""Columns that tell where a step is."""


def run(
    recipe_path: Path,
    overwrite: Iterable[str] = (),
    *,
    runs: Path = Path("runs"),
    on_progress: Callable[[Progress], None] | None = None,
    stop_after_steps: int | None = None,
) -> Path:
    """Train by a recipe and return the checkpoint folder; a cut-off run goes on where it was.

    `runs/NAME` holds `recipe.toml`, `about.json`, `metrics.csv`, `state.safetensors`,
    `best.safetensors` and at the end `checkpoint`.
    """
    recipe = MomentRecipe.read(recipe_path, overwrite)
    folder, device = runs / recipe.name, pick_device(recipe.loop.device)
    claim(folder, recipe, MomentRecipe.read, device, ALONE)
    train, validation, facts = _sources(recipe, on_progress)
    model = _network(recipe, train)
    best = Best(folder, recipe.chosen_by)
    loop = _with_steps(recipe, len(train))
    words = recipe.sizes.most_words
    done = fit(
        Run(
            model,
            MomentObjective(recipe.loss),
            lambda first_step: batches(train, recipe.batch, words, recipe.seed, first_step, device),
            loop,
            folder,
            _Validation(recipe, validation, best, device) if validation else None,
            on_progress,
        ),
        stop_after_steps,
    )
    if done == loop.steps:
        chosen = best.read() if recipe.chosen_by and validation else None
        settings = MomentSettings(
            name=recipe.name,
            source=f"whenabouts train recipes/{recipe_path.name}",
            step_s=recipe.step_s,
            windows=recipe.windows,
            sizes=recipe.sizes,
            **facts,
        )
        tensors = plain_tensors(model) if chosen is None else chosen
        save_moments(folder / CHECKPOINT, settings, tensors, half=recipe.half)
    return folder / CHECKPOINT


def _sources(
    recipe: MomentRecipe, on_progress: Callable[[Progress], None] | None
) -> tuple[MomentSource, Sequence[MomentExample], dict[str, Any]]:
    """Training, validation, and what the checkpoint must say of its features."""
    if recipe.features is not None:
        given = recipe.features
        if given.step_s != recipe.step_s:
            raise SettingsError(f"step_s is {recipe.step_s}, features.step_s {given.step_s}")
        chosen = FeatureMoments(given, given.validation) if given.validation else None
        examples = [chosen.of(row) for row in chosen.rows if row.windows] if chosen else []
        return FeatureMoments(given, given.train), examples, {}
    assert recipe.drawn is not None
    drawn = recipe.drawn
    encoder = open_encoder(drawn.encoder)
    if not drawn.match:
        raise SettingsError("drawn.match=false is not there yet; feature files work without")
    source = DrawnSource(
        _videos(drawn.train, encoder, recipe, on_progress),
        recipe.step_s,
        recipe.sizes.most_steps,
        parts=drawn.parts,
        noise=drawn.noise,
    )
    examples = [
        drawn_example(video, query, recipe.step_s)
        for video in _videos(drawn.validation, encoder, recipe, on_progress)
        for query in video.queries
        if query.spans
    ]
    facts = {
        "encoder": encoder.name,
        "fingerprint": encoder.fingerprint,
        "match": drawn.match,
        "licence": "Apache-2.0",
        "languages": drawn.train.langs,
    }
    return source, examples, facts


def _videos(
    settings: DrawnMoments,
    encoder: Encoder,
    recipe: MomentRecipe,
    on_progress: Callable[[Progress], None] | None,
) -> DrawnVideos:
    """Drawn and encoded, each told as it is done."""
    videos = DrawnVideos(settings, encoder, recipe.kept)
    for number in range(len(videos)):
        videos.make(number)
        if on_progress is not None:
            on_progress(Progress(number + 1, len(videos), {}, f"Drawing {settings.split}"))
    return videos


def _network(recipe: MomentRecipe, train: MomentSource) -> MomentDetr:
    """Fresh, or from a start; its widths must be those of the data."""
    torch.manual_seed(recipe.seed)
    model = MomentDetr(recipe.sizes)
    example = train.example(0, np.random.default_rng(0))
    given = example.video.shape[1] + _PLACES, example.text.shape[1]
    wanted = recipe.sizes.video_width, recipe.sizes.text_width
    if given != wanted:
        raise SettingsError(
            f"sizes.video_width and sizes.text_width are {wanted}, the data have {given} "
            f"({_PLACES} columns of places, and {MATCH_COLUMNS} where steps say how well they fit)"
        )
    if recipe.start:
        read_moment_start(recipe.start, model)
    return model


def _with_steps(recipe: MomentRecipe, examples: int) -> LoopSettings:
    """The loop; where epochs count, with their steps and a look after each."""
    loop = recipe.loop
    if loop.steps:
        return loop
    an_epoch = max(1, examples // min(recipe.batch, examples))
    return loop.model_copy(
        update={"steps": an_epoch * recipe.epochs, "validate_every_steps": an_epoch}
    )


class _Validation:
    """The figures of the QVHighlights evaluator; keeps the best weights."""

    def __init__(
        self,
        recipe: MomentRecipe,
        examples: Sequence[MomentExample],
        best: Best,
        device: torch.device,
    ) -> None:
        self._recipe, self._best, self._device = recipe, best, device
        most = recipe.sizes.most_steps
        self._examples = [one.part(0, min(len(one.video), most)) for one in examples]
        self._examples = [one for one in self._examples if len(one.windows)]

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Logs:
        """Windows of every example, scored."""
        told: list[dict[str, Any]] = []
        true: list[dict[str, Any]] = []
        for first in range(0, len(self._examples), _AT_ONCE):
            some = self._examples[first : first + _AT_ONCE]
            for place, (one, windows) in enumerate(zip(some, self._tell(model, some), strict=True)):
                qid = first + place
                told.append({"qid": qid, "pred_relevant_windows": windows})
                true.append({"qid": qid, "relevant_windows": one.windows.tolist()})
        figures = {str(name): float(v) for name, v in qvhighlights(told, true)["brief"].items()}
        if self._recipe.chosen_by:
            self._best.offer(figures, model)
        return figures

    def _tell(self, model: nn.Module, some: Sequence[MomentExample]) -> list[list[list[float]]]:
        words, settings = self._recipe.sizes.most_words, self._recipe.windows
        # A hint of windows is of no use here, and what is random about a batch neither.
        plain = [replace(one, relevant=(), totals=()) for one in some]
        batch = collate(plain, words, np.random.default_rng(0), self._device)
        found = cast(Found, model(batch.video, batch.video_mask, batch.text, batch.text_mask))
        spans = found.spans[-1].float().cpu().numpy()
        shares = found.logits[-1].float().softmax(dim=-1)[..., MOMENT].cpu().numpy()
        return [
            tidied(ranked(spans[n], shares[n], one.length_s), one.length_s, settings).tolist()
            for n, one in enumerate(some)
        ]
