"""Published SeViLA into our folder: `whenabouts convert sevila`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import WeightsError
from whenabouts.models.sevila_settings import PUBLISHED_FILE, SevilaSettings
from whenabouts.models.sevila_sizes import T5Sizes
from whenabouts.weights.checkpoint import read_network
from whenabouts.weights.convert_video_llm import StoreAs, Stored
from whenabouts.weights.sevila_folder import TOKENIZER, build_empty, save_sevila
from whenabouts.weights.source import read_json

if TYPE_CHECKING:
    from torch import Tensor

    from whenabouts.models.t5_tokens import T5Tokens
    from whenabouts.weights.rename import Table

_FILES: dict[str, tuple[str, ...]] = {
    "vit": ("eva_vit_g.pth", "eva_vit_g.safetensors"),
    "blip2": ("blip2_pretrained_flant5xl.pth", "blip2_pretrained_flant5*.*"),
    "localizer": ("qformer_loc.pth", "qformer_loc.safetensors"),
    "checkpoint": ("sevila_pretrained.pth", "sevila_pretrained.safetensors"),
}
_HOMES = {
    "vision": "eva_vit_g.pth",
    "language": "the folder of Flan-T5-XL, with config.json, tokenizer.json and weights",
    "answerer": "blip2_pretrained_flant5xl.pth or sevila_pretrained.pth",
    "localizer": "qformer_loc.pth, blip2_pretrained_flant5xl.pth or sevila_pretrained.pth",
}
_ANSWERER, _LOCALIZER = "answerer.", "localizer."


@dataclass(frozen=True, slots=True)
class SevilaPaths:
    """Where the published files are; None for what is not at hand."""

    vit: Path | None = None
    t5: Path | None = None
    blip2: Path | None = None
    localizer: Path | None = None
    """A file with a localizer's weights alone, `qformer_loc.pth`."""
    checkpoints: tuple[Path, ...] = ()
    """Saved SeViLAs, the last one counts most."""


@dataclass(frozen=True, slots=True, eq=False)
class PublishedSevila:
    """A published SeViLA in our terms."""

    settings: SevilaSettings
    tokens: T5Tokens
    tensors: Mapping[str, Tensor]
    """Under our names, in the precision asked for as soon as one is looked at."""
    origin: Mapping[str, tuple[str, ...]]
    """Which files each part comes from."""
    notes: tuple[str, ...] = ()


def published_settings() -> SevilaSettings:
    """Settings of the published size, as the package has them."""
    return SevilaSettings.read(Path(__file__).with_name("published") / PUBLISHED_FILE)


def find_files(folder: Path) -> SevilaPaths:
    """The files by their published names, anywhere below a folder."""
    if not folder.is_dir():
        raise WeightsError(f"{folder} is no folder; put the published files into one")
    found = {
        part: next((path for one in names for path in sorted(folder.rglob(one))), None)
        for part, names in _FILES.items()
    }
    t5 = next(
        (
            path.parent
            for path in sorted(folder.rglob(TOKENIZER))
            if (path.parent / "config.json").is_file()
        ),
        None,
    )
    own = found["checkpoint"]
    return SevilaPaths(found["vit"], t5, found["blip2"], found["localizer"], (own,) if own else ())


def read_sevila(
    paths: SevilaPaths,
    settings: SevilaSettings,
    *,
    fresh_localizer: bool = False,
    store_as: StoreAs = "published",
) -> PublishedSevila:
    """Read the files, each over those before it: BLIP-2's, the localizer's, saved SeViLAs.

    BLIP-2's weights are the start of both heads. With `fresh_localizer` the localizer stays as
    BLIP-2 or its own file has it, whatever saved SeViLAs say.
    """
    from whenabouts.models.t5_tokens import T5Tokens

    if paths.t5 is None:
        raise WeightsError(f"a file is missing: {_HOMES['language']}; put it beside the others")
    settings = _with_t5(settings, paths.t5)
    tokens = T5Tokens.read(paths.t5 / TOKENIZER)
    if tokens.vocab_tokens > settings.sizes.language.vocab_tokens:
        raise WeightsError(
            f"the tokenizer has {tokens.vocab_tokens} tokens, the table of words "
            f"{settings.sizes.language.vocab_tokens} rows; they do not belong together"
        )
    found: dict[str, Tensor] = {}
    origin: dict[str, str] = {}
    notes: list[str] = []
    for label, tensors in _read(paths, settings):
        kept = dict(tensors)
        if fresh_localizer and label in [path.stem for path in paths.checkpoints]:
            left = [name for name in kept if name.startswith(_LOCALIZER)]
            kept = {name: value for name, value in kept.items() if name not in left}
            if left:
                notes.append(f"the localizer of {label} is left out, as was asked")
        found |= kept
        origin |= dict.fromkeys(kept, label)
    tensors, fitted = _whole(settings, found)
    by_part = {part: tuple(_labels(origin, f"{part}.")) for part in _HOMES}
    return PublishedSevila(settings, tokens, Stored(tensors, store_as), by_part, (*notes, *fitted))


def save_published(read: PublishedSevila, target: Path) -> None:
    """Write what was read as a folder of ours."""
    save_sevila(target, read.settings, read.tensors, read.tokens)


def _with_t5(settings: SevilaSettings, folder: Path) -> SevilaSettings:
    """The language model's own sizes; its activation is the one that BLIP-2 was trained with."""
    config = read_json(folder / "config.json")
    known = settings.sizes.language
    sizes = T5Sizes(
        width=config["d_model"],
        feed_width=config["d_ff"],
        layers=config["num_layers"],
        decoder_layers=config.get("num_decoder_layers") or config["num_layers"],
        heads=config["num_heads"],
        head_width=config["d_kv"],
        vocab_tokens=config["vocab_size"],
        buckets=config.get("relative_attention_num_buckets", known.buckets),
        far_tokens=config.get("relative_attention_max_distance", known.far_tokens),
        dropout=config.get("dropout_rate", known.dropout),
        norm_eps=config.get("layer_norm_epsilon", known.norm_eps),
        exact_gelu=known.exact_gelu,
    )
    changed = settings.sizes.model_copy(update={"language": sizes})
    return settings.model_copy(update={"sizes": changed})


def _read(paths: SevilaPaths, settings: SevilaSettings) -> list[tuple[str, Mapping[str, Tensor]]]:
    """All files under our names, the first counting least."""
    from whenabouts.weights.published import sevila_names as names

    files: list[tuple[Path | None, Table]] = [
        (paths.vit, names.eva_table(settings.sizes)),
        (paths.t5, names.t5_table()),
        (paths.blip2, names.blip2_table()),
        (paths.localizer, names.localizer_table()),
        *((path, replace(names.whole_table(), name=path.name)) for path in paths.checkpoints),
    ]
    found: list[tuple[str, Mapping[str, Tensor]]] = []
    for path, table in files:
        if path is None:
            continue
        ours = table.to_ours(read_network(path))
        found.append((path.stem, ours))
        if path is paths.blip2:
            # What qformer_loc.pth holds: the same weights under the localizer's names.
            heads = {n: v for n, v in ours.items() if n.startswith(_ANSWERER)}
            copied = {_LOCALIZER + n.removeprefix(_ANSWERER): v for n, v in heads.items()}
            found.append((path.stem, copied))
    return found


def _whole(
    settings: SevilaSettings, found: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], list[str]]:
    """The weights of the network, all of them, and what was resized."""
    from whenabouts.models.eva_vit import resize_positions
    from whenabouts.weights.rename import check_names

    model = build_empty(settings)
    tensors, wanted, notes = dict(found), model.state_dict(), list[str]()
    table = "vision.pos_embed"
    if table in tensors and tensors[table].shape != wanted[table].shape:
        tensors[table] = resize_positions(tensors[table], math.isqrt(wanted[table].shape[1] - 1))
        notes.append(f"{table} was resized to the network's")
    missing = sorted(wanted.keys() - tensors.keys())
    if missing:
        home = _HOMES[missing[0].partition(".")[0]]
        raise WeightsError(
            f"{len(missing)} weights are in none of the files, the first is {missing[0]}; it "
            f"belongs into {home}"
        )
    check_names(model, tensors, "what the files hold")
    return tensors, notes


def _labels(origin: Mapping[str, str], head: str) -> dict[str, Any]:
    return dict.fromkeys(label for name, label in origin.items() if name.startswith(head))
