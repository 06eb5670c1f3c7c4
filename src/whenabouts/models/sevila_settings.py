"""What a SeViLA is beside its weights: sizes, how many frames, how sure it has to be."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from whenabouts.models.frame_spans import SpanRule
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.sevila_prompts import Layout
from whenabouts.models.sevila_sizes import SevilaSizes
from whenabouts.settings import Settings

FORMAT = 1
KIND = "sevila"
PUBLISHED_FILE = "sevila-xl.toml"
"""Settings of the published size, in `weights/published`."""


class Sureness(Settings):
    """How scores become a confidence, and below which one nothing is told."""

    scale: float = Field(default=1.0, gt=0)
    """The scores of options are multiplied by it before their softmax."""
    floor: float = Field(default=0.0, ge=0, le=1)
    """Least confidence of an answer that is told."""
    fitted: bool = False
    """Whether `scale` was fitted on questions that training did not see."""


class SevilaSettings(Settings):
    """What stands in the `settings.toml` of a SeViLA."""

    format: int = FORMAT
    kind: Literal["sevila"] = KIND
    name: str
    """For people."""
    source: str = ""
    """Where the weights come from."""
    licence: str = ""
    languages: tuple[str, ...] = ("en",)
    frames: int = Field(default=32, gt=0)
    """How many frames of a video the localizer looks at."""
    key_frames: int = Field(default=4, gt=0)
    """How many of them the answerer reads."""
    text_tokens: int = Field(default=77, gt=1)
    """Longest question with its options; longer ones are cut, which is told."""
    options: int = Field(default=5, ge=2)
    """Most options that it was trained with; more are asked in rounds."""
    answer_tokens: int = Field(default=30, gt=0)
    """Longest open answer."""
    layout: Layout = "training"
    """Of prompts."""
    pixels: PixelSettings
    sizes: SevilaSizes
    moments: SpanRule = SpanRule()
    sure: Sureness = Sureness()
