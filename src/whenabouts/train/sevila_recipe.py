"""What a recipe for SeViLA says: which stage, on what data, from which start, how many steps."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.data.qa.samples import QaData
from whenabouts.models.sevila import Part
from whenabouts.models.sevila_settings import SevilaSettings
from whenabouts.settings import Settings
from whenabouts.train.instruction_loader import InstructionLoaderSettings
from whenabouts.train.loop import LoopSettings
from whenabouts.train.retrieval_recipe import UserPath
from whenabouts.train.sevila_loss import Frames, Labels, Learns

_FREE_LOOP = {"device", "threads", "checkpoint_every_s", "log_every_steps", "validate_every_steps"}
_FREE = {"eyes", "tensorboard", "half", "validation", "validate_batches", "loop", "loader"}
"""What may change when a run goes on: nothing that changes a weight."""
_PARTS: dict[Learns, tuple[Part, ...]] = {
    "localizer": ("localizer",),
    "answerer": ("answerer",),
    "start": ("answerer", "language"),
    "sight": ("answerer", "language"),
}


class SevilaStart(Settings):
    """A model to start from."""

    folder: str = ""
    """A folder of ours, or with `published` the folder or hub name of the published files. Empty:
    from nothing, with the sizes of `model`."""
    published: bool = False
    checkpoints: tuple[UserPath, ...] = ()
    """Saved SeViLAs besides, the last one counts most."""
    localizer: Literal["saved", "blip2", "answerer"] = "saved"
    """Where the localizer begins: as the start has it, as BLIP-2 has it (`qformer_loc.pth`), or as
    a copy of the answerer."""
    precision: Literal["stored", "float32", "bfloat16", "float16"] = "stored"
    """Of what is not trained; what is trained is float32."""


class SevilaFresh(Settings):
    """How a model from nothing begins."""

    vision: str = "tiny-clip"
    """An encoder, by name or folder, whose picture tower it gets: `model.sizes.vit` must be of its
    size. Empty: random."""
    tokenizer_videos: int = Field(default=300, gt=0)
    """Drawn videos whose questions the tokenizer is learnt from."""


class SevilaRecipe(Settings):
    """Everything that decides what comes out."""

    objective: Literal["sevila"]
    name: str
    seed: int = 42
    """Of fresh weights; the order of data has its own in `loader`, dropout in `loop`."""
    learns: Learns
    rests: tuple[Part, ...] = ()
    """What this stage would train, but is to leave as it is."""
    labels: Labels = "data"
    reads: Frames = "located"
    """Which frames the answerer reads while it learns."""
    key_frames: int = Field(default=4, gt=0)
    data: QaData
    validation: QaData | None = None
    """Whose figures are told on the way, and on whose questions the confidence is fitted."""
    validate_batches: int = Field(default=8, gt=0)
    frames: FrameSettings = FrameSettings(frames=4, way="part", crop="random")
    """Their size is the model's."""
    validate_frames: int = Field(default=32, gt=0)
    """Frames of a video in validation, evenly spread."""
    start: SevilaStart = SevilaStart()
    fresh: SevilaFresh = SevilaFresh()
    model: SevilaSettings | None = None
    """Of a new model: rows of its table of words are those of the tokenizer."""
    eyes: UserPath | None = None
    """Folder where what the frozen tower sees of drawn videos is kept; None: every time anew."""
    loader: InstructionLoaderSettings = InstructionLoaderSettings()
    loop: LoopSettings
    tensorboard: bool = False
    """Also write events that TensorBoard draws."""
    half: bool = False
    """Store the weights in half precision."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if bool(self.start.folder) == (self.model is not None):
            raise ValueError(
                "give either start.folder, a model to start from, or model, the sizes of a new one"
            )
        if self.start.localizer == "blip2" and not self.start.published:
            raise ValueError("start.localizer=blip2 is for published files; set start.published")
        if self.eyes is not None and self.frames.random:
            raise ValueError(
                "eyes keeps what the tower sees of the same frames each time; set frames.way to "
                "middle and frames.crop to whole (data.drawn.taken draws some of them)"
            )
        if self.labels == "answerer" and self.learns != "localizer":
            raise ValueError("labels=answerer teaches the localizer; set learns=localizer")
        return self

    @property
    def trained(self) -> tuple[Part, ...]:
        """What this stage changes."""
        return tuple(part for part in _PARTS[self.learns] if part not in self.rests)

    def binding(self) -> dict[str, Any]:
        """All that changes a weight, as plain values."""
        values = self.model_dump(mode="json", exclude=_FREE)
        loop = self.loop.model_dump(mode="json", exclude=_FREE_LOOP)
        loader = self.loader.model_dump(mode="json", exclude={"workers", "ahead"})
        return values | {"loop": loop, "loader": loader}

    def steps(self) -> LoopSettings:
        """The loop's settings with the number of steps, where epochs say it."""
        epochs = self.loop.by_epochs
        if epochs is None:
            return self.loop
        steps = max(1, epochs.epochs * epochs.iterations // self.loop.accumulate)
        return self.loop.model_copy(update={"steps": steps})
