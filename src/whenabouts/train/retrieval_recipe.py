"""What a retrieval recipe says: data, start, network, loss, steps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from whenabouts.data.frame_cache import CacheSettings
from whenabouts.data.settings import DataSettings
from whenabouts.evaluate.retrieval import RetrievalEvaluation, Task
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.sizes import ClipSizes, HeadSizes
from whenabouts.settings import Settings
from whenabouts.train.clip_loader import LoaderSettings
from whenabouts.train.loop import LoopSettings
from whenabouts.train.rand_augment import RandAugmentSettings
from whenabouts.train.retrieval_loss import RetrievalLossSettings

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path in which `~` is the user's own folder."""

_FREE_LOOP = {"device", "threads", "checkpoint_every_s", "log_every_steps", "validate_every_steps"}
_FREE = {"tensorboard", "validate_videos", "keep", "export", "score", "evaluate"}
"""What may change when a run goes on: nothing that changes a weight."""


class DataSection(Settings):
    """Which pairs of text and video."""

    dataset: str
    """A dataset of the catalog: msrvtt, msvd, lsmdc, didemo, activitynet."""
    folder: UserPath
    settings: DataSettings = DataSettings()
    train: str = "train"
    validation: str = ""
    """Split by which the best weights are chosen; empty: the last weights stay. `held-out` with
    `settings.held_out` looks at training videos alone."""
    test: str = "test"
    """Split of the final figures."""


class RetrievalRecipe(Settings):
    """Everything that decides what comes out."""

    objective: Literal["retrieval"]
    name: str
    seed: int = 42
    """Of fresh weights; the order of data has its own in `loader`, draws of the loss in `loop`."""
    data: DataSection
    frames: CacheSettings = CacheSettings()
    cache: UserPath = Path("frames")
    """Folder of decoded frames, shared by all runs."""
    start: str = ""
    """Checkpoint to start from: a file or folder of OpenAI, open_clip, transformers or DRL, one of
    ours, a model's name, or `tiny-clip`. Empty: from nothing, with the sizes of `clip`."""
    start_heads: bool = True
    """Also take token weights and frame mixer from there, where they fit; else only the towers."""
    clip: ClipSizes | None = None
    """Only without `start`."""
    pixels: PixelSettings | None = None
    """Only without `start`; None: CLIP's, at the size of `clip`."""
    head: HeadSizes = HeadSizes()
    words: int = Field(default=32, gt=2)
    """Most tokens of a caption, start and end included."""
    augment: RandAugmentSettings | None = None
    """None: frames as they are."""
    loss: RetrievalLossSettings = RetrievalLossSettings()
    loader: LoaderSettings = LoaderSettings()
    epochs: int = Field(default=5, gt=0)
    """Passes over the captions with validation after each; counts when `loop.steps` is 0."""
    loop: LoopSettings
    clip_precision: Literal["fp32_master", "fp16_inplace"] = "fp32_master"
    """`fp16_inplace` halves the towers' weights themselves and updates them so, as the published
    training did on GPUs: small steps are lost to rounding."""
    recompute: bool = False
    """Keep less for gradients and run each block twice: about half the memory, a third slower."""
    validate_videos: int = Field(default=0, ge=0)
    """Only so many videos of the split `data.validation`; 0: all."""
    keep: Literal["best", "last"] = "best"
    """Which weights the checkpoint holds; without `data.validation` the last."""
    export: bool = True
    """Also write the networks that a library uses; `xti` and `seq_lstm` have none."""
    score: bool = True
    """Measure the checkpoint on `data.test` at the end."""
    evaluate: RetrievalEvaluation = RetrievalEvaluation()
    """What `whenabouts evaluate` reports."""
    tensorboard: bool = False
    """Also write events that TensorBoard draws."""

    def task(self) -> Task:
        """What the final figures are of."""
        data = self.data
        return Task(
            data.dataset, data.folder, data.test, data.settings, self.frames, self.cache, self.words
        )

    def binding(self) -> dict[str, Any]:
        """All that changes a weight, as plain values."""
        values = self.model_dump(mode="json", exclude={*_FREE, "loop", "loader", "cache"})
        loop = self.loop.model_dump(mode="json", exclude=_FREE_LOOP)
        loader = self.loader.model_dump(mode="json", exclude={"workers", "ahead"})
        return values | {"loop": loop, "loader": loader}
