"""What a video LLM is beside its weights: sizes, prompts, tokenizers, how it sees and answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from whenabouts.models.chat_text import CHAT_SYSTEM
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.llama_tokens import IMAGE
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.video_llm_sizes import VideoLlmSizes
from whenabouts.settings import Settings

FORMAT = 1
PUBLISHED: dict[str, str] = {
    "ivcr": "ivcr-7b.toml",
    "timechat": "timechat-7b.toml",
    "vtgllm": "vtgllm-7b.toml",
}
"""What can be converted, and the file with the settings of its published size."""


class VideoLlmSettings(Settings):
    """What stands in the `settings.toml` of a video LLM."""

    format: int = FORMAT
    kind: Literal["video-llm"] = "video-llm"
    name: str
    """For people."""
    source: str = ""
    """Where the weights come from."""
    licence: str = ""
    languages: tuple[str, ...] = ("en",)
    frames: int = Field(default=96, gt=0)
    """Most frames of a video that it is shown at once."""
    longest_s: float = Field(default=0.0, ge=0)
    """Longest stretch of a video that it is shown at once; 0: as far as its frames reach."""
    pixels: PixelSettings
    sizes: VideoLlmSizes
    added_tokens: tuple[str, ...] = (IMAGE,)
    """Behind the vocabulary of the tokenizer file, in the order of their ids."""
    tokenizer_legacy: bool = False
    """Which of the two behaviours of LLaMA's tokenizer it was trained with."""
    time_tokens: bool = False
    """Times in texts are time tokens instead of plain numbers."""
    timestamps: Literal["bert", "llama", "none"] = "none"
    """Tokenizer of the sentence beside each frame. TimeChat was trained with LLaMA's and its
    published figures were made with BERT's; `none` for models whose Q-Former reads no text."""
    timestamp_tokens: int = Field(default=32, gt=0)
    """Longest such sentence."""
    timestamp_pad: Literal["behind", "before"] = "behind"
    """Shorter ones of a call are filled with `<unk>` behind, or as in IVCR with `</s>` before."""
    timestamp_slip: bool = False
    """The sentence of a video's last frame has a word too many, as IVCR's code makes it; for
    weights trained by it."""
    talk: Literal["video", "dialogue"] = "video"
    """What a conversation is about: one video, shown before the first question; or a library, with
    candidates or a current video shown beside any question (IVCR)."""
    system: str = CHAT_SYSTEM
    """What the prompt begins with."""
    spacing: Literal["asked", "trained"] = "asked"
    """Of prompts. Published models are asked with other blanks and another system text than they
    were trained with; `trained`: with the same."""
    frame_message: bool = True
    """Whether prompts list the times of all frames; small models know them from their tables."""
    prompts: Literal["own", "timechat", "vtgllm"] = "own"
    """Whose questions it is asked for times: those it was trained with."""
    answer: GenerateSettings = GenerateSettings()
