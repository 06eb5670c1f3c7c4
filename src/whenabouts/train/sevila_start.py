"""SeViLA as training begins: one of ours, the published one, or a new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from whenabouts.data.qa.samples import DrawnQa, FileQa
from whenabouts.errors import SettingsError
from whenabouts.models.sevila import Sevila
from whenabouts.models.sevila_prompts import answer_prompt, locate_prompt, query_prompt, target
from whenabouts.models.sevila_settings import SevilaSettings
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.train.sevila_recipe import SevilaRecipe
from whenabouts.train.sevila_sight import prepare_sight
from whenabouts.train.t5_tokenizer import train_t5_tokens
from whenabouts.weights.clip_vision import read_vision
from whenabouts.weights.convert_sevila import find_files, published_settings, read_sevila
from whenabouts.weights.hub import TINY_FOLDER, find
from whenabouts.weights.rename import load_strictly
from whenabouts.weights.sevila_folder import OpenSevila, build_empty, fill, open_sevila
from whenabouts.weights.start import TINY
from whenabouts.weights.video_llm_files import local_folder


def open_start(recipe: SevilaRecipe) -> tuple[OpenSevila, list[str]]:
    """The model that `start` names, and what is to be known about it."""
    start, notes = recipe.start, list[str]()
    if not start.published:
        if start.checkpoints:
            raise SettingsError("start.checkpoints is for published files; set start.published")
        opened = open_sevila(Path(start.folder).expanduser(), start.precision)
    else:
        paths = find_files(local_folder(start.folder))
        paths = replace(paths, checkpoints=start.checkpoints or paths.checkpoints)
        read = read_sevila(paths, published_settings(), fresh_localizer=start.localizer == "blip2")
        model = build_empty(read.settings)
        fill(model, dict(read.tensors), start.folder, start.precision)
        opened = OpenSevila(model, read.settings, read.tokens)
        notes += [f"{part} from {', '.join(labels)}" for part, labels in read.origin.items()]
        notes += read.notes
    if start.localizer == "answerer":
        opened.model.localizer_as_answerer()
    return opened, notes


def new_settings(recipe: SevilaRecipe) -> SevilaSettings:
    """What the recipe says of a new model; refused if it does not fit together."""
    settings = recipe.model
    if settings is None:
        raise SettingsError("a new model needs its sizes; give model")
    if settings.pixels.size_px != settings.sizes.vit.image_px:
        raise SettingsError(
            f"model.pixels.size_px is {settings.pixels.size_px}, the tower takes "
            f"{settings.sizes.vit.image_px}"
        )
    return settings


def make_new(recipe: SevilaRecipe, tokens: T5Tokens) -> OpenSevila:
    """A random model of the sizes of the recipe, with the eyes that it names."""
    settings = new_settings(recipe)
    language = settings.sizes.language.model_copy(update={"vocab_tokens": tokens.vocab_tokens})
    sizes = settings.sizes.model_copy(update={"language": language})
    settings = settings.model_copy(update={"sizes": sizes})
    model = Sevila(sizes)
    model.initialise(torch.Generator().manual_seed(recipe.seed))
    if recipe.fresh.vision:
        _take_eyes(model, recipe.fresh.vision)
    if recipe.learns == "sight":
        prepare_sight(model, torch.Generator().manual_seed(recipe.seed))
    return OpenSevila(model, settings, tokens)


def _take_eyes(model: Sevila, encoder: str) -> None:
    """The picture tower of an encoder; both heads begin with the norm behind it."""
    vit, tensors = read_vision(TINY_FOLDER if encoder == TINY else find(encoder))
    if vit != model.sizes.vit:
        raise SettingsError(
            f"the picture tower of {encoder} has the sizes {vit}; write these into "
            f"model.sizes.vit, which has {model.sizes.vit}"
        )
    load_strictly(model.vision, _below(tensors, "vision."), encoder)
    for head in (model.answerer, model.localizer):
        load_strictly(head.norm, _below(tensors, "vision_norm."), encoder)


def _below(tensors: Mapping[str, torch.Tensor], head: str) -> dict[str, torch.Tensor]:
    return {n.removeprefix(head): v for n, v in tensors.items() if n.startswith(head)}


def learn_tokens(recipe: SevilaRecipe, sets: Sequence[FileQa | DrawnQa]) -> T5Tokens:
    """A tokenizer learnt from the questions of the data."""
    vocabulary = new_settings(recipe).sizes.language.vocab_tokens
    return train_t5_tokens(_texts(sets, recipe.fresh.tokenizer_videos), vocabulary)


def _texts(sets: Sequence[FileQa | DrawnQa], videos: int) -> Iterator[str]:
    """All that the heads are asked and are to write."""
    for one in sets:
        if isinstance(one, FileQa):
            rows = list(one.rows)
        else:
            rows = [row for place in range(min(videos, len(one))) for row in one.texts(place)]
        for row in rows:
            if row.dataset == "qvhighlights":
                yield query_prompt(row.question)
                continue
            yield locate_prompt(row.question, row.options)
            yield answer_prompt(row.question, row.options)
            yield answer_prompt(row.question)
            yield from row.options
            yield from (target(place) for place in range(len(row.options)))
