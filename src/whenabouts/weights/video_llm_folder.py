"""The folder of a video LLM: our checkpoint format, with other files than an encoder's.

`settings.toml`        sizes, prompts, how it sees and answers
`model.safetensors`    all weights under our names; big ones in `model-00001-of-00004.safetensors`
`tokenizer.model`      LLaMA's SentencePiece model
`timestamps.json`      tokenizer of the sentences beside frames, where it is another one
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError, VersionError, WeightsError
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.tokens import TextTokens, TokenSettings
from whenabouts.models.video_llm_settings import FORMAT, VideoLlmSettings
from whenabouts.weights.draft import drafted
from whenabouts.weights.parts import Precision, fill_network, read_parts, sampled_hash, save_parts

if TYPE_CHECKING:
    import torch

    from whenabouts.models.video_llm import VideoLlm

SETTINGS = "settings.toml"
TOKENIZER = "tokenizer.model"
TIMESTAMPS = "timestamps.json"


@dataclass(frozen=True, slots=True, eq=False)
class OpenVideoLlm:
    """A video LLM ready for use or training."""

    model: VideoLlm
    settings: VideoLlmSettings
    tokens: LlamaTokens
    timestamps: TextTokens | None


def read_video_llm_settings(folder: Path) -> VideoLlmSettings:
    """Settings of a video LLM's folder."""
    path = folder / SETTINGS
    if not path.is_file():
        raise WeightsError(
            f"{folder} has no {SETTINGS}, so it is no video LLM of ours; "
            "`whenabouts convert timechat`, `vtgllm` or `ivcr` makes one of the published files"
        )
    kind = _kind(path)
    if kind != "video-llm":
        raise WeightsError(
            f"{folder} holds another model, {kind}, and no video LLM of ours; name one, or "
            "`whenabouts convert timechat`, `vtgllm` or `ivcr` makes one of the published files"
        )
    settings = VideoLlmSettings.read(path)
    if settings.format > FORMAT:
        raise VersionError(
            f"{path} has format {settings.format}, this program reads up to {FORMAT}; "
            "upgrade whenabouts"
        )
    return settings


def _kind(path: Path) -> str:
    """What a folder's settings are of; files that cannot be read are left to their reader."""
    try:
        with path.open("rb") as file:
            return str(tomllib.load(file).get("kind", "an encoder"))
    except (OSError, tomllib.TOMLDecodeError):
        return "video-llm"


def open_video_llm(
    folder: Path,
    precision: Precision = "stored",
    device: str = "cpu",
    lora_alpha: float | None = None,
) -> OpenVideoLlm:
    """Read a folder; every weight must be there and have its shape.

    `lora_alpha` other than the trained one weakens or strengthens what LoRA has learnt: TimeChat
    answers open questions better with 20 than with its 32.
    """
    settings = _with_alpha(read_video_llm_settings(folder), lora_alpha)
    tokens = LlamaTokens.read(
        folder / TOKENIZER, settings.added_tokens, legacy=settings.tokenizer_legacy
    )
    timestamps = None
    if settings.timestamps == "bert":
        timestamps = _read_timestamps(folder, settings.timestamp_tokens)
    model = build_empty(settings)
    fill(model, read_parts(folder), str(folder), precision, device)
    return OpenVideoLlm(model.eval(), settings, tokens, timestamps)


def _with_alpha(settings: VideoLlmSettings, alpha: float | None) -> VideoLlmSettings:
    if alpha is None:
        return settings
    if settings.sizes.lora is None:
        raise InputError(f"{settings.name} has no LoRA whose alpha could be {alpha}")
    lora = settings.sizes.lora.model_copy(update={"alpha": alpha})
    sizes = settings.sizes.model_copy(update={"lora": lora})
    return settings.model_copy(update={"sizes": sizes})


def fingerprint(folder: Path) -> str:
    """SHA-256 of what changes what is kept of a video: sizes, frames, samples of the weights.

    Samples, because reading all of a big model takes longer than looking at a video.
    """
    settings = read_video_llm_settings(folder)
    kept = {
        "frames",
        "frame_message",
        "pixels",
        "sizes",
        "added_tokens",
        "tokenizer_legacy",
        "time_tokens",
        "timestamps",
        "timestamp_pad",
        "timestamp_slip",
    }
    return sampled_hash(folder, settings.model_dump_json(include=kept))


def build_empty(settings: VideoLlmSettings) -> VideoLlm:
    """The network without memory for its weights."""
    import torch

    from whenabouts.models.video_llm import VideoLlm

    with torch.device("meta"):
        return VideoLlm(settings.sizes)


def fill(
    model: VideoLlm,
    tensors: dict[str, torch.Tensor],
    source: str,
    precision: Precision = "stored",
    device: str = "cpu",
) -> None:
    """Give a network on the meta device its weights; `tensors` is emptied on the way."""
    from whenabouts.models.llama import renew_buffers

    fill_network(
        model,
        tensors,
        source,
        precision,
        device,
        head="lm_head",
        ready=lambda first: renew_buffers(model.language, first),
    )


def save_video_llm(
    folder: Path,
    settings: VideoLlmSettings,
    tensors: Mapping[str, torch.Tensor],
    tokens: LlamaTokens,
    timestamps: TextTokens | None = None,
) -> None:
    """Write a folder; it appears whole or not at all, replacing an older one."""
    with drafted(folder) as draft:
        (draft / SETTINGS).write_text(settings.to_toml(), encoding="utf-8")
        (draft / TOKENIZER).write_bytes(tokens.model)
        if timestamps is not None:
            timestamps.save(draft / TIMESTAMPS)
        save_parts(draft, tensors)


def _read_timestamps(folder: Path, limit: int) -> TextTokens:
    path = folder / TIMESTAMPS
    bare = TextTokens.read(path, TokenSettings(limit=limit, clean="none"))
    found: dict[str, Any] = {"start_id": bare.id_of("[CLS]"), "end_id": bare.id_of("[SEP]")}
    return TextTokens.read(path, TokenSettings(limit=limit, clean="none", pad_id=0, **found))
