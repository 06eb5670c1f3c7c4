"""The video LLM as training begins: one of ours, a published one, or a new one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from whenabouts.data.instruct.dialogue_samples import FileDialogues
from whenabouts.data.instruct.drawn import DrawnSamples
from whenabouts.data.instruct.drawn_dialogues import DrawnDialogues
from whenabouts.data.instruct.records import print_times
from whenabouts.data.instruct.samples import FileSamples, Samples
from whenabouts.errors import SettingsError, WeightsError
from whenabouts.models.chat_text import training_text
from whenabouts.models.compress import CrossSlots, Slots
from whenabouts.models.dialogue_text import DIALOGUE_TOKENS
from whenabouts.models.frame_times import frame_sentences, printed_times, video_sentence
from whenabouts.models.llama import add_lora, initialise_llama
from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
from whenabouts.models.time_tables import digit_rows
from whenabouts.models.time_tokens import TIME_TOKENS
from whenabouts.models.video_llm import VideoLlm
from whenabouts.models.video_llm_settings import VideoLlmSettings
from whenabouts.models.video_llm_sizes import LoraSizes
from whenabouts.train.aligned_start import Aligned, align
from whenabouts.train.instruction_recipe import FreshSettings, InstructionRecipe, StartSettings
from whenabouts.train.llama_tokenizer import train_llama_tokens
from whenabouts.train.number_start import carry_numbers
from whenabouts.weights.clip_vision import read_projection, read_vision
from whenabouts.weights.convert_video_llm import published_settings, read_published
from whenabouts.weights.hub import TINY_FOLDER, find, shipped_folder
from whenabouts.weights.rename import load_strictly
from whenabouts.weights.start import TINY
from whenabouts.weights.video_llm_files import find_stack, local_folder
from whenabouts.weights.video_llm_folder import (
    TOKENIZER,
    OpenVideoLlm,
    build_empty,
    fill,
    open_video_llm,
)

_WORDS = ("language.model.embed_tokens.weight", "language.lm_head.weight")
"""Tables whose rows are words: one more a token that is added behind the vocabulary."""
_TOLD_S = (0.0, 7.5, 12.3, 48.6, 90.1)
"""Times in the texts that a tokenizer is learnt from; its digits are apart anyway."""


def open_start(recipe: InstructionRecipe) -> tuple[OpenVideoLlm, list[str]]:
    """The model that `start` names, and what was resized or filled in it."""
    start, notes = recipe.start, list[str]()
    if start.system == "ours":
        if start.checkpoints:
            raise SettingsError("start.checkpoints is for published files; name their system")
        opened = open_video_llm(Path(start.folder).expanduser(), start.precision)
    else:
        opened, notes = _open_published(start, recipe)
    opened = _with_lora(opened, recipe.lora, recipe.seed)
    settings = opened.settings
    if recipe.timestamps != "as the start":
        if not settings.sizes.takes_times_as_text:
            raise SettingsError(
                f"timestamps={recipe.timestamps}, but {settings.name} reads no text beside frames"
            )
        if recipe.timestamps == "bert" and opened.timestamps is None:
            raise SettingsError(
                f"timestamps=bert, but {start.folder} has no tokenizer of BERT's; put vocab.txt of "
                "bert-base-uncased beside the published files, or set timestamps=llama"
            )
        settings = settings.model_copy(update={"timestamps": recipe.timestamps})
    if (settings.talk == "dialogue") != recipe.data.of_dialogues:
        follows = (
            "follows dialogues alone" if settings.talk == "dialogue" else "follows no dialogues"
        )
        raise SettingsError(
            f"{settings.name} follows {follows}; data.dialogues and data.drawn_dialogues are for "
            "models of dialogues, data.sets and data.drawn for any other"
        )
    timestamps = opened.timestamps if settings.timestamps == "bert" else None
    return replace(opened, settings=settings, timestamps=timestamps), notes


def _open_published(
    start: StartSettings, recipe: InstructionRecipe
) -> tuple[OpenVideoLlm, list[str]]:
    folder = local_folder(start.folder)
    paths = find_stack(start.system, folder)
    if start.checkpoints:
        chosen = tuple(_file_below(folder, name) for name in start.checkpoints)
        paths = replace(paths, checkpoints=chosen)
    settings = recipe.model or published_settings(start.system)
    if recipe.timestamps != "as the start":
        settings = settings.model_copy(update={"timestamps": recipe.timestamps})
    if settings.sizes.lora is None and recipe.lora is not None:
        sizes = settings.sizes.model_copy(update={"lora": recipe.lora})
        settings = settings.model_copy(update={"sizes": sizes})
    read = read_published(
        paths,
        settings,
        zero_rows=start.zero_rows,
        # What training starts with lacks parts, such as LoRA; a finished model must be whole.
        start_seed=recipe.seed if start.checkpoints else None,
    )
    model = build_empty(read.settings)
    fill(model, dict(read.tensors), start.folder, start.precision)
    return OpenVideoLlm(model, read.settings, read.tokens, read.timestamps), list(read.notes)


def _file_below(folder: Path, name: str) -> Path:
    found = sorted(folder.rglob(name))
    if not found:
        raise WeightsError(f"{folder} has no {name}; put it there, or name another checkpoint")
    return found[0]


def _with_lora(opened: OpenVideoLlm, lora: LoraSizes | None, seed: int) -> OpenVideoLlm:
    """With the LoRA that the recipe wants; the matrices that there are stay."""
    sizes = opened.settings.sizes
    if lora is None or lora == sizes.lora:
        return opened
    if sizes.lora is not None:
        raise SettingsError(
            f"the model to start from has LoRA with {sizes.lora}, the recipe wants {lora}; remove "
            "lora from the recipe"
        )
    before = {name: value.clone() for name, value in _plain(opened.model.language).items()}
    add_lora(opened.model.language, lora)
    initialise_llama(opened.model.language, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for name, value in _plain(opened.model.language).items():
            value.copy_(before[name])
    sizes = sizes.model_copy(update={"lora": lora})
    opened.model.sizes = sizes
    return replace(opened, settings=opened.settings.model_copy(update={"sizes": sizes}))


def _plain(language: nn.Module) -> dict[str, torch.Tensor]:
    """Weights of the language model without LoRA, by the names that they have without it."""
    return {
        name.replace(".base_layer", ""): weight.detach()
        for name, weight in language.named_parameters()
        if ".lora_" not in name
    }


def make_new(recipe: InstructionRecipe, tokens: LlamaTokens) -> OpenVideoLlm:
    """A random model of the sizes of the recipe, with as many rows as there are tokens."""
    settings = new_settings(recipe)
    sizes = settings.sizes
    language = sizes.language.model_copy(update={"vocab_tokens": tokens.vocab_tokens})
    changes: dict[str, object] = {"language": language}
    if sizes.takes_times_as_text:
        words = {"words": tokens.vocab_tokens}
        changes["frame_qformer"] = sizes.frame_qformer.model_copy(update=words)
    sizes = sizes.model_copy(update=changes)
    settings = settings.model_copy(update={"sizes": sizes, "added_tokens": tokens.added})
    model = VideoLlm(sizes)
    generator = torch.Generator().manual_seed(recipe.seed)
    model.initialise(generator)
    fresh = recipe.fresh
    if fresh.vision:
        _take_eyes(model, fresh.vision)
    with torch.no_grad():
        if model.time.seconds is not None and fresh.second_spread:
            _fill_seconds(model.time.seconds, fresh, generator)
        if fresh.frame_spread:
            model.time.frames.normal_(0.0, fresh.frame_spread, generator=generator)
    if fresh.aligned:
        layer = None if recipe.guided is None else recipe.guided.layer
        projection = read_projection(_encoder_folder(fresh.vision))
        align(model, settings, tokens, Aligned(fresh.vision, projection, layer), generator)
    taken = _take_parts(model, fresh, tokens) if fresh.parts_of else frozenset[str]()
    if not any(name.startswith("compress.") for name in taken):
        _fill_slots(model, recipe)
    if fresh.numbers and recipe.guided is not None:
        carry_numbers(model, tokens, recipe.guided.layer, generator)
    return OpenVideoLlm(model, settings, tokens, None)


def _fill_seconds(table: torch.Tensor, fresh: FreshSettings, generator: torch.Generator) -> None:
    """The table of seconds as training begins."""
    if fresh.second_rows == "digits":
        table.copy_(fresh.second_spread * digit_rows(table.shape[0], table.shape[1], generator))
    else:
        table.normal_(0.0, fresh.second_spread, generator=generator)


@torch.no_grad()
def _fill_slots(model: VideoLlm, recipe: InstructionRecipe) -> None:
    """Slots as training begins, behind the table of frames that they may follow."""
    fresh, pool = recipe.fresh, model.compress
    if fresh.slots == "frames" and isinstance(pool, Slots | CrossSlots):
        pool.follow(model.time.frames[: recipe.frames.frames], fresh.slot_spread)
    elif isinstance(pool, Slots):
        pool.slots.mul_(fresh.slot_spread)


def _take_eyes(model: VideoLlm, encoder: str) -> None:
    """Put the picture tower of an encoder into a model of its size."""
    vit, tensors = read_vision(_encoder_folder(encoder))
    if vit != model.sizes.vit:
        raise SettingsError(
            f"the picture tower of {encoder} has the sizes {vit}; write these into "
            f"model.sizes.vit, which has {model.sizes.vit}"
        )
    load_strictly(model.vision, _below(tensors, "vision."), encoder)
    load_strictly(model.vision_norm, _below(tensors, "vision_norm."), encoder)


def _encoder_folder(encoder: str) -> Path:
    return TINY_FOLDER if encoder == TINY else find(encoder)


def _take_parts(model: VideoLlm, fresh: FreshSettings, tokens: LlamaTokens) -> frozenset[str]:
    """Begin as another video LLM of ours where both have the same parts; which these are."""
    name = fresh.parts_of
    folder = shipped_folder(name) or Path(name).expanduser()
    if not (folder / TOKENIZER).is_file():
        raise WeightsError(
            f"fresh.parts_of is {name}, which is no folder of a video LLM; train it first, as the "
            "recipe says at its top, or name another"
        )
    if (folder / TOKENIZER).read_bytes() != tokens.model:
        raise SettingsError(
            f"{folder} speaks with another tokenizer, so that its words mean nothing here; set "
            f"fresh.tokenizer={folder / TOKENIZER}"
        )
    theirs = open_video_llm(folder).model.state_dict()
    taken: set[str] = set()
    with torch.no_grad():
        for part, value in model.state_dict().items():
            found = theirs.get(part)
            if found is None or found.shape[1:] != value.shape[1:]:
                continue
            if any(word in part for word in fresh.parts_without):
                continue
            if len(found) == len(value) or part in _WORDS:
                rows = min(len(found), len(value))
                value[:rows] = found[:rows]
                taken.add(part)
    return frozenset(taken)


def _below(tensors: Mapping[str, torch.Tensor], head: str) -> dict[str, torch.Tensor]:
    return {n.removeprefix(head): v for n, v in tensors.items() if n.startswith(head)}


def new_settings(recipe: InstructionRecipe) -> VideoLlmSettings:
    """What the recipe says of a new model; refused if it does not fit together."""
    settings = recipe.model
    if settings is None:
        raise SettingsError("a new model needs its sizes; give model")
    reads = settings.sizes.takes_times_as_text
    if settings.timestamps != ("llama" if reads else "none"):
        raise SettingsError(
            f"model.timestamps is {settings.timestamps}; of a new model it is "
            f"{'llama' if reads else 'none'}, as its frame Q-Former reads "
            f"{'text' if reads else 'none (words = 0)'}"
        )
    if settings.pixels.size_px != settings.sizes.vit.image_px:
        raise SettingsError(
            f"model.pixels.size_px is {settings.pixels.size_px}, the network takes "
            f"{settings.sizes.vit.image_px}"
        )
    return settings


def learn_tokens(recipe: InstructionRecipe, sets: Sequence[Samples]) -> bytes:
    """The tokenizer of a new model: the recipe's file, or learnt from the texts of the data."""
    fresh, settings = recipe.fresh, new_settings(recipe)
    if fresh.tokenizer is not None:
        path = fresh.tokenizer.expanduser()
        return LlamaTokens.read(path).model
    vocabulary = settings.sizes.language.vocab_tokens
    return train_llama_tokens(_lines(sets, fresh.tokenizer_videos), vocabulary)


def new_tokens(model: bytes, settings: VideoLlmSettings) -> LlamaTokens:
    """A tokenizer with the tokens that are added for such a model."""
    added = (IMAGE, *TIME_TOKENS) if settings.time_tokens else (IMAGE,)
    if settings.talk == "dialogue":
        added = DIALOGUE_TOKENS
    return LlamaTokens(model, added, legacy=settings.tokenizer_legacy)


def _lines(sets: Sequence[Samples], videos: int) -> Iterator[str]:
    """Texts as the model will read them, times as numbers: time tokens are no learnt pieces."""
    times = printed_times(_TOLD_S)
    yield from frame_sentences(times)
    for text in _told(sets, videos):
        plain = print_times(text)
        yield training_text(((plain, plain),), video_sentence(times), 0)


def _told(sets: Sequence[Samples], videos: int) -> Iterable[str]:
    for one in sets:
        if isinstance(one, DrawnSamples | DrawnDialogues | FileDialogues):
            for place in range(min(videos, len(one))):
                yield from one.texts(place)
        elif isinstance(one, FileSamples):
            for record in one.records:
                for turn in record.turns:
                    yield from turn
