"""Published video LLMs into our folder: `whenabouts convert timechat|vtgllm`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.bert_tokens import bert_tokens
from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
from whenabouts.models.time_tables import ZeroRows
from whenabouts.models.video_llm_settings import PUBLISHED, VideoLlmSettings
from whenabouts.weights.checkpoint import read_network
from whenabouts.weights.source import read_json
from whenabouts.weights.video_llm_folder import TOKENIZER, build_empty, save_video_llm

if TYPE_CHECKING:
    from torch import Tensor

    from whenabouts.weights.published.video_llm_stack import Assembled, StackFile

StoreAs = Literal["published", "as-read", "float32", "bfloat16", "float16"]
"""`published`: as the reference holds them in use, so matrices of the vision transformer float16,
the language model bfloat16, the rest float32."""

_VIT = ("eva_vit_g.pth", "eva_vit_g.safetensors")
_QFORMER = ("instruct_blip_vicuna7b_trimmed.pth", "instruct_blip_vicuna7b_trimmed.safetensors")
_OWN: dict[str, tuple[str, ...]] = {
    "timechat": ("timechat_7b.pth", "timechat_7b.safetensors", "timechat*.pth", "TimeChat*.pth"),
    "vtgllm": ("vtgllm.pth", "vtgllm.safetensors", "checkpoint_9.pth", "checkpoint_*.pth"),
}
_TABLES = (
    "llama_model.model.embed_tokens.weight",
    "llama_model.lm_head.weight",
    "model.embed_tokens.weight",
    "lm_head.weight",
)
"""Embedding table and head, in a checkpoint and in the language model's folder."""
_WHERE = {
    "vit": "the vision transformer of BLIP-2, eva_vit_g.pth",
    "qformer": "InstructBLIP's Q-Former, instruct_blip_vicuna7b_trimmed.pth",
    "llama": "the folder of LLaMA-2-7B-chat with config.json and tokenizer.model",
    "checkpoint": "the model's own checkpoint",
    "vocab": "the vocabulary of bert-base-uncased, vocab.txt",
}


@dataclass(frozen=True, slots=True)
class StackPaths:
    """Where the files of a published model are; None for what is not at hand."""

    vit: Path | None = None
    qformer: Path | None = None
    llama: Path | None = None
    checkpoints: tuple[Path, ...] = ()
    """The first counts least; position tables are resized in the first only."""
    vocab: Path | None = None


@dataclass(frozen=True, slots=True)
class ConvertedVideoLlm:
    """What came out."""

    settings: VideoLlmSettings
    origin: Mapping[str, int]
    """Weights by the file that they came from."""
    notes: tuple[str, ...] = field(default=())


def published_settings(system: str) -> VideoLlmSettings:
    """Settings of a published model, as the package has them."""
    if system not in PUBLISHED:
        raise InputError(f"unknown model {system!r}; known: {', '.join(PUBLISHED)}")
    return VideoLlmSettings.read(Path(__file__).with_name("published") / PUBLISHED[system])


def local_folder(source: str) -> Path:
    """A folder on this machine, or what the hub has under a name `owner/model`, fetched."""
    folder = Path(source).expanduser()
    if folder.exists() or not re.fullmatch(r"[\w.-]+/[\w.-]+", source):
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(source))
    except (RepositoryNotFoundError, HfHubHTTPError, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise WeightsError(
            f"{source} is no folder here, and the hub did not give it: {first}"
        ) from error


def find_stack(system: str, folder: Path) -> StackPaths:
    """The files of a model, by their published names, anywhere below a folder."""
    if not folder.is_dir():
        raise WeightsError(f"{folder} is no folder; put the published files into one")
    own = _first(folder, _OWN[system])
    llama = next(
        (
            path.parent
            for path in sorted(folder.rglob(TOKENIZER))
            if (path.parent / "config.json").is_file()
        ),
        None,
    )
    return StackPaths(
        vit=_first(folder, _VIT),
        qformer=_first(folder, _QFORMER),
        llama=llama,
        checkpoints=(own,) if own else (),
        vocab=_first(folder, ("vocab.txt",)),
    )


def convert_video_llm(
    system: str,
    paths: StackPaths,
    target: Path,
    *,
    settings: VideoLlmSettings | None = None,
    zero_rows: ZeroRows = "reference",
    store_as: StoreAs = "published",
    start_seed: int | None = None,
) -> ConvertedVideoLlm:
    """Read a stack and save it as a folder of ours.

    `settings` are those of another size than the published one. `zero_rows` says how seconds that
    no training video reached are filled; `reference` is how the published figures were made. With
    `start_seed` the folder is a start for training: what no file has begins at random, and time
    tokens begin as the digits they stand for.
    """
    settings = published_settings(system) if settings is None else settings
    llama = _need(paths.llama, "llama")
    settings = _with_llama(settings, llama)
    files = _read(settings, paths)
    tokens = _tokens(settings, llama)
    if start_seed is not None and settings.time_tokens:
        files = [_grown(file, tokens, start_seed) for file in files]
    settings = _with_rows(settings, tokens, files)
    whole = _assemble(settings, files, start_seed)
    tensors = whole.tensors
    notes = [f"{name} was resized to the network's" for name in whole.resized]
    if "time.seconds" in tensors:
        tensors["time.seconds"], filled = _fill_seconds(tensors["time.seconds"], zero_rows)
        notes += filled
    timestamps = None
    if settings.timestamps == "bert":
        timestamps = bert_tokens(_need(paths.vocab, "vocab"), settings.timestamp_tokens)
        if timestamps.vocab_tokens > settings.sizes.frame_qformer.words:
            raise WeightsError(
                f"the vocabulary has {timestamps.vocab_tokens} words, the Q-Former's table "
                f"{settings.sizes.frame_qformer.words}; they do not belong together"
            )
    stored = _Stored(tensors, store_as)
    save_video_llm(target, settings, stored, tokens, timestamps)
    labels = list(whole.origin.values())
    return ConvertedVideoLlm(
        settings, {label: labels.count(label) for label in dict.fromkeys(labels)}, tuple(notes)
    )


def _first(folder: Path, patterns: tuple[str, ...]) -> Path | None:
    return next((path for one in patterns for path in sorted(folder.rglob(one))), None)


def _need(path: Path | None, what: str) -> Path:
    if path is None:
        raise WeightsError(f"a file is missing: {_WHERE[what]}; put it beside the others")
    return path


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
        raise WeightsError(f"a file is missing: {_WHERE['checkpoint']}; put it beside the others")
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


class _Stored(Mapping[str, "Tensor"]):
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
