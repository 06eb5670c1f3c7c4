"""What a recipe of Moment-DETR says: data, network, loss, steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from whenabouts.data.moments.drawn import DrawnMoments
from whenabouts.data.moments.features import FeatureSettings
from whenabouts.evaluate.moments import MomentEvaluation
from whenabouts.models.moment_sizes import MomentSizes
from whenabouts.models.moment_windows import WindowSettings
from whenabouts.settings import Settings
from whenabouts.train.loop import LoopSettings
from whenabouts.train.moment_loss import MomentLossSettings
from whenabouts.train.retrieval_recipe import UserPath

_FREE_LOOP = {"device", "threads", "checkpoint_every_s", "log_every_steps", "validate_every_steps"}
_FREE = {"kept", "evaluate"}


class DrawnSection(Settings):
    """Drawn videos, seen by an encoder of ours once."""

    encoder: str = "tiny-clip"
    """A name or folder."""
    train: DrawnMoments
    validation: DrawnMoments
    match: bool = True
    """Each step also says how well it fits the query."""
    parts: float = Field(default=0.3, ge=0, le=1)
    """Share of examples that see only a part of their video."""
    noise: float = Field(default=0.0, ge=0)
    """Largest deviation of noise on each number of a frame's vector; of unit length are all."""


class MomentRecipe(Settings):
    """Everything that decides what comes out."""

    objective: Literal["moments"]
    name: str
    seed: int = 2018
    drawn: DrawnSection | None = None
    features: FeatureSettings | None = None
    """Feature files instead of drawn videos."""
    kept: UserPath = Path("runs/moments")
    """Folder of the vectors of drawn videos, shared by all runs."""
    step_s: float = Field(default=2.0, gt=0)
    start: str = ""
    """A published file or a folder of ours to start from; empty: from nothing."""
    sizes: MomentSizes
    loss: MomentLossSettings = MomentLossSettings()
    windows: WindowSettings = WindowSettings()
    batch: int = Field(default=32, gt=0)
    epochs: int = Field(default=200, gt=0)
    """Counts when `loop.steps` is 0; validation after each."""
    loop: LoopSettings
    chosen_by: str = "MR-full-mAP"
    """Figure of the validation whose best weights are kept; empty: the last ones."""
    half: bool = False
    """Store the weights in half precision."""
    evaluate: MomentEvaluation = MomentEvaluation()
    """For `whenabouts evaluate`, which compares the model with `peaks`."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.drawn is None) == (self.features is None):
            raise ValueError("give either [drawn] or [features]")
        return self

    def binding(self) -> dict[str, Any]:
        """All that changes a weight, as plain values."""
        values = self.model_dump(mode="json", exclude={*_FREE, "loop"})
        return values | {"loop": self.loop.model_dump(mode="json", exclude=_FREE_LOOP)}
