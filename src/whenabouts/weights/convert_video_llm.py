"""Published video LLMs into our folder: `whenabouts convert timechat|vtgllm|ivcr`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.bert_tokens import bert_tokens
from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
from whenabouts.models.time_tables import ZeroRows
from whenabouts.models.video_llm_settings import PUBLISHED, VideoLlmSettings
from whenabouts.weights.checkpoint import read_network
from whenabouts.weights.source import read_json
from whenabouts.weights.video_llm_files import StackPaths, find_stack, local_folder, need
from whenabouts.weights.video_llm_folder import (
    TOKENIZER,
    OpenVideoLlm,
    Precision,
    build_empty,
    fill,
    save_video_llm,
)

if TYPE_CHECKING:
    from torch import Tensor

    from whenabouts.models.tokens import TextTokens
    from whenabouts.weights.published.video_llm_stack import Assembled, StackFile

StoreAs = Literal["published", "as-read", "float32", "bfloat16", "float16"]
"""`published`: as the reference holds them in use, so matrices of the vision transformer float16,
the language model bfloat16, the rest float32."""

_TABLES = (
    "llama_model.model.embed_tokens.weight",
    "llama_model.lm_head.weight",
    "model.embed_tokens.weight",
    "lm_head.weight",
)
"""Embedding table and head, in a checkpoint and in the language model's folder."""


@dataclass(frozen=True, slots=True, eq=False)
class PublishedVideoLlm:
    """A published model in our terms, ready to be saved or used."""

    settings: VideoLlmSettings
    tokens: LlamaTokens
    timestamps: TextTokens | None
    tensors: Mapping[str, Tensor]
    """Under our names, in the precision asked for as soon as one is looked at."""
    origin: Mapping[str, int]
    """Weights by the file that they came from."""
    notes: tuple[str, ...] = ()
    """What was resized or filled."""


def published_settings(system: str) -> VideoLlmSettings:
    """Settings of a published model, as the package has them."""
    if system not in PUBLISHED:
        raise InputError(f"unknown model {system!r}; known: {', '.join(PUBLISHED)}")
    return VideoLlmSettings.read(Path(__file__).with_name("published") / PUBLISHED[system])


def read_published(
    paths: StackPaths,
    settings: VideoLlmSettings,
    *,
    zero_rows: ZeroRows = "reference",
    store_as: StoreAs = "published",
    start_seed: int | None = None,
) -> PublishedVideoLlm:
    """Read a stack; tensors stay in their files until they are looked at, where these allow it.

    `zero_rows` says how seconds that no training video reached are filled; `reference` is how the
    published figures were made. With `start_seed` it is a start for training: what no file has
    begins at random, and time tokens begin as the digits they stand for.
    """
    llama = need(paths.llama, "llama")
    settings = _with_llama(settings, llama)
    files = _read(settings, paths)
    tokens = _tokens(settings, llama)
    if settings.talk == "dialogue":
        files = [_grown_alike(file, tokens) for file in files]
    elif start_seed is not None and settings.time_tokens:
        files = [_grown(file, tokens, start_seed) for file in files]
    settings = _with_rows(settings, tokens, files)
    whole = _assemble(settings, files, start_seed)
    tensors = whole.tensors
    notes = [f"{name} was resized to the network's" for name in whole.resized]
    if "time.seconds" in tensors:
        tensors["time.seconds"], filled = _fill_seconds(tensors["time.seconds"], zero_rows)
        notes += filled
    labels = list(whole.origin.values())
    return PublishedVideoLlm(
        settings,
        tokens,
        _timestamps(settings, paths),
        Stored(tensors, store_as),
        {label: labels.count(label) for label in dict.fromkeys(labels)},
        tuple(notes),
    )


def save_published(read: PublishedVideoLlm, target: Path) -> None:
    """Write what was read as a folder of ours."""
    save_video_llm(target, read.settings, read.tensors, read.tokens, read.timestamps)


def open_published(
    system: str, source: str, precision: Precision = "stored", device: str = "cpu"
) -> OpenVideoLlm:
    """A published model from a folder with its files, or a hub name, without a folder of ours."""
    paths = find_stack(system, local_folder(source))
    read = read_published(paths, published_settings(system))
    model = build_empty(read.settings)
    fill(model, dict(read.tensors), source, precision, device)
    return OpenVideoLlm(model.eval(), read.settings, read.tokens, read.timestamps)


def _timestamps(settings: VideoLlmSettings, paths: StackPaths) -> TextTokens | None:
    """BERT's tokenizer where it is used; it must fit the Q-Former's word table."""
    if settings.timestamps != "bert":
        return None
    found = bert_tokens(need(paths.vocab, "vocab"), settings.timestamp_tokens)
    words = settings.sizes.frame_qformer.words
    if found.vocab_tokens > words:
        raise WeightsError(
            f"the vocabulary has {found.vocab_tokens} words, the Q-Former's table {words}; "
            "they do not belong together"
        )
    return found


def _with_llama(settings: VideoLlmSettings, llama: Path) -> VideoLlmSettings:
    """What the language model's folder knows better than we: uploads differ."""
    config = read_json(llama / "config.json")
    ropes: dict[str, Any] = config.get("rope_parameters") or {}
    known = settings.sizes.language
    language = known.model_copy(
        update={
            "norm_eps": config.get("rms_norm_eps", known.norm_eps),
            "context_tokens": config.get("max_position_embeddings", known.context_tokens),
            "rope_base": ropes.get("rope_theta") or config.get("rope_theta") or known.rope_base,
        }
    )
    tokenizer = llama / "tokenizer_config.json"
    # Folders from before the flag behave as `legacy`.
    said = read_json(tokenizer).get("legacy") if tokenizer.is_file() else None
    legacy = True if said is None else bool(said)
    sizes = settings.sizes.model_copy(update={"language": language})
    return settings.model_copy(update={"sizes": sizes, "tokenizer_legacy": legacy})


def _read(settings: VideoLlmSettings, paths: StackPaths) -> list[StackFile]:
    """All files at hand; the language model's folder only where the checkpoint lacks it."""
    from whenabouts.weights.published import video_llm_stack as stack

    sizes = settings.sizes
    if not paths.checkpoints:
        need(None, "checkpoint")
    own = [
        stack.model_file(path.stem, read_network(path), sizes, fits_tables=place == 0)
        for place, path in enumerate(paths.checkpoints)
    ]
    files: list[StackFile] = []
    if paths.vit is not None:
        files.append(stack.eva_file(paths.vit.stem, read_network(paths.vit), sizes))
    if paths.qformer is not None:
        files.append(stack.blip_file(paths.qformer.stem, read_network(paths.qformer)))
    if paths.llama is not None and not any("llama_model.lm_head.weight" in f.tensors for f in own):
        files.append(stack.llama_file(paths.llama.name, read_network(paths.llama), sizes))
    if paths.window is not None:
        own.append(stack.window_file(paths.window.stem, read_network(paths.window), sizes))
    return [*files, *own]


def _tokens(settings: VideoLlmSettings, llama: Path) -> LlamaTokens:
    """The tokenizer with all that is added: by its own folder, then by the video LLM."""
    bare = LlamaTokens.read(llama / TOKENIZER, (), legacy=settings.tokenizer_legacy)
    added = (*_own_tokens(llama, bare.vocab_tokens), *settings.added_tokens)
    return LlamaTokens.read(llama / TOKENIZER, added, legacy=settings.tokenizer_legacy)


def _with_rows(
    settings: VideoLlmSettings, tokens: LlamaTokens, files: list[StackFile]
) -> VideoLlmSettings:
    """The rows that the embedding table really has; the tokenizer must fit them."""
    rows = next(
        (
            len(f.tensors[name])
            for f in reversed(files)
            for name in _TABLES[::2]
            if name in f.tensors
        ),
        0,
    )
    # A last <ImageHere> needs no row: visual tokens take its place.
    spare = tokens.added[-1] == IMAGE
    if rows not in (tokens.vocab_tokens, tokens.vocab_tokens - spare):
        raise WeightsError(
            f"the tokenizer has {tokens.vocab_tokens} tokens with {IMAGE}, the embedding table "
            f"{rows} rows; they do not belong together"
        )
    language = settings.sizes.language.model_copy(update={"vocab_tokens": rows})
    sizes = settings.sizes.model_copy(update={"language": language})
    return settings.model_copy(update={"sizes": sizes, "added_tokens": tokens.added})


def _grown(file: StackFile, tokens: LlamaTokens, seed: int) -> StackFile:
    """A file whose vocabulary tables have rows for the added tokens."""
    import torch

    from whenabouts.models.vocabulary import grow, time_token_sources

    sources, rows = time_token_sources(tokens), tokens.vocab_tokens
    tensors = dict(file.tensors)
    for name in _TABLES:
        if name in tensors:
            dice = torch.Generator().manual_seed(seed)
            tensors[name] = grow(tensors[name], rows, sources, dice)
    return replace(file, tensors=tensors)


def _grown_alike(file: StackFile, tokens: LlamaTokens) -> StackFile:
    """A file whose vocabulary tables have rows for the tokens of dialogues.

    The published code leaves them out of its checkpoints and draws them anew next to the mean.
    """
    from whenabouts.models.vocabulary import grow_alike

    tensors = dict(file.tensors)
    for name in _TABLES:
        if name in tensors:
            tensors[name] = grow_alike(tensors[name], tokens.vocab_tokens)
    return replace(file, tensors=tensors)


def _own_tokens(llama: Path, base: int) -> tuple[str, ...]:
    """Tokens that the folder itself adds behind the vocabulary, in the order of their ids."""
    path = llama / "added_tokens.json"
    if not path.is_file():
        return ()
    numbered = {int(number): token for token, number in read_json(path).items()}
    own = sorted(number for number in numbered if number >= base)
    if own != list(range(base, base + len(own))):
        raise WeightsError(f"{path} leaves gaps between its ids: {json.dumps(own)}")
    return tuple(numbered[number] for number in own)


def _assemble(settings: VideoLlmSettings, files: list[StackFile], seed: int | None) -> Assembled:
    import torch

    from whenabouts.weights.published.video_llm_stack import assemble
    from whenabouts.weights.rename import check_names

    model = build_empty(settings)
    dice = None if seed is None else torch.Generator().manual_seed(seed)
    whole = assemble(model, files, dice)
    check_names(model, whole.tensors, " + ".join(file.label for file in files))
    return whole


def _fill_seconds(table: Tensor, how: ZeroRows) -> tuple[Tensor, list[str]]:
    from whenabouts.models.time_tables import fill_zero_rows

    used = table.ne(0).any(dim=1)
    empty = int((~used).sum())
    if how == "off" or not empty:
        return table, []
    notes = [f"{empty} of {len(table)} seconds were never trained; filled by {how!r}"]
    last = int(used.nonzero()[-1]) if bool(used.any()) else -1
    if last < len(table) - 1 and how == "reference":
        notes.append(f"rows behind second {last}, the last one trained, are meaningless")
    return fill_zero_rows(table.float(), how), notes


class Stored(Mapping[str, "Tensor"]):
    """Tensors that take their stored precision only when they are asked for."""

    def __init__(self, tensors: Mapping[str, Tensor], store_as: StoreAs) -> None:
        self._tensors = tensors
        self._store_as: StoreAs = store_as

    def __getitem__(self, name: str) -> Tensor:
        value = self._tensors[name]
        return value.to(_dtype(name, value, self._store_as))

    def __iter__(self) -> Any:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


def _dtype(name: str, value: Tensor, store_as: StoreAs) -> Any:
    import torch

    from whenabouts.models.llama import is_lora

    if store_as == "as-read":
        return value.dtype
    if store_as != "published":
        return cast(torch.dtype, getattr(torch, store_as))
    if name.startswith("language.") and not is_lora(name):
        return torch.bfloat16
    kinds = (".attn.qkv.", ".attn.proj.", ".mlp.", ".patch_embed.")
    if name.startswith("vision.") and any(kind in name for kind in kinds):
        return torch.float16
    return torch.float32
