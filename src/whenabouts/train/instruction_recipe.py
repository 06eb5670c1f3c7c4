"""What a recipe for a video LLM says: data, start, what is trained, loss, steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from whenabouts.data.instruct.dialogue_samples import DialogueSetSettings, FileDialogues
from whenabouts.data.instruct.drawn import DrawnSamples, DrawnSettings
from whenabouts.data.instruct.drawn_dialogues import DrawnDialogues, DrawnDialogueSettings
from whenabouts.data.instruct.records import Numbers
from whenabouts.data.instruct.samples import FileSamples, Samples, SetSettings
from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.models.time_tables import ZeroRows
from whenabouts.models.video_llm import PUBLISHED_PARTS, Part
from whenabouts.models.video_llm_settings import VideoLlmSettings
from whenabouts.models.video_llm_sizes import LoraSizes
from whenabouts.settings import Settings
from whenabouts.train.guided_attention import GuidedSettings
from whenabouts.train.instruction_loader import InstructionLoaderSettings
from whenabouts.train.loop import LoopSettings
from whenabouts.train.packing import Pack
from whenabouts.train.retrieval_recipe import UserPath

_FREE_LOOP = {"device", "threads", "checkpoint_every_s", "log_every_steps", "validate_every_steps"}
_FREE = {"eyes", "tensorboard", "validation", "validate_batches", "recompute", "shard", "half"}
"""What may change when a run goes on: nothing that changes a weight."""


class DataSection(Settings):
    """Sets of instructions; every step takes one of them."""

    sets: dict[str, SetSettings] = Field(default_factory=dict[str, SetSettings])
    """By a name of your choice."""
    drawn: DrawnSettings | None = None
    """Videos of shape world, drawn while training goes on."""
    drawn_weight: float = Field(default=1.0, gt=0)
    dialogues: dict[str, DialogueSetSettings] = Field(
        default_factory=dict[str, DialogueSetSettings]
    )
    """Sets in the form of IVCR-200K, by a name of your choice; for models of dialogues alone."""
    drawn_dialogues: DrawnDialogueSettings | None = None
    """Conversations about videos of shape world, drawn while training goes on."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.names:
            raise ValueError("name at least one set, or drawn")
        if self.of_dialogues and (self.sets or self.drawn is not None):
            raise ValueError("one model learns dialogues or instructions, not both; remove one")
        return self

    @property
    def of_dialogues(self) -> bool:
        """Whether dialogues are learnt."""
        return bool(self.dialogues) or self.drawn_dialogues is not None

    @property
    def names(self) -> list[str]:
        """What is learnt from, for people."""
        drawn = self.drawn is not None or self.drawn_dialogues is not None
        return [*self.sets, *self.dialogues, *(["shape world"] if drawn else [])]

    def open(
        self, frames: FrameSettings, numbers: Numbers, *, tells_view: bool = False
    ) -> tuple[Sequence[Samples], list[float], list[str]]:
        """The sets, their weights, and what is odd about them."""
        found: list[Samples] = []
        notes: list[str] = []
        for one in self.sets.values():
            given = one.model_copy(
                update={
                    "annotations": one.annotations.expanduser(),
                    "videos": one.videos.expanduser(),
                }
            )
            found.append(read := FileSamples(given, frames, numbers))
            notes += read.notes
        weights = [one.weight for one in self.sets.values()]
        if self.drawn is not None:
            found.append(DrawnSamples(self.drawn, frames, tells_view=tells_view))
            weights.append(self.drawn_weight)
        for one in self.dialogues.values():
            places = {
                "annotations": one.annotations.expanduser(),
                "videos": one.videos.expanduser(),
            }
            found.append(FileDialogues(one.model_copy(update=places), frames))
            weights.append(one.weight)
        if self.drawn_dialogues is not None:
            found.append(DrawnDialogues(self.drawn_dialogues, frames, tells_view=tells_view))
            weights.append(self.drawn_weight)
        return found, weights, notes


class StartSettings(Settings):
    """A model to start from."""

    folder: str = ""
    """A folder of ours, or with `system` the published files: a folder, or a name on the hub.
    Empty: from nothing, with the sizes of `model`."""
    system: Literal["ours", "timechat", "vtgllm", "ivcr"] = "ours"
    checkpoints: tuple[str, ...] = ()
    """Published checkpoints below the folder, the first counting least; empty: the model's own.
    What they and the other files lack begins at random."""
    zero_rows: ZeroRows = "off"
    """Seconds that no training video reached; the published training leaves them 0."""
    precision: Literal["stored", "float32", "bfloat16", "float16"] = "stored"
    """Of what is not trained; what is trained is float32."""


class FreshSettings(Settings):
    """How a model from nothing begins."""

    tokenizer: Path | None = None
    """A `tokenizer.model`; None: learnt from the texts of the data."""
    tokenizer_videos: int = Field(default=300, gt=0)
    """Drawn videos whose texts it is learnt from."""
    vision: str = ""
    """An encoder, by name or folder, whose picture tower it gets: `tiny-clip`. `model.sizes.vit`
    must be of its size."""
    parts_of: str = ""
    """A video LLM of ours, name or folder, with the same `tokenizer`: parts of the same name and
    size begin as there, tables of words as far as both go. The rest begins as without it."""
    parts_without: tuple[str, ...] = ()
    """Of these, none with such a word in its name."""
    aligned: bool = False
    """Frames and words begin in the space of the encoder `vision`, where they fit together."""
    numbers: bool = False
    """Of dialogues: heads begin able to carry the number of a candidate from where it stands to
    where it is written; see `train/number_start.py`."""
    second_spread: float = Field(default=0.0, ge=0)
    """Standard deviation of the table of seconds; published: 0."""
    second_rows: Literal["random", "digits"] = "random"
    """`digits`: the row of a second is the sum of a row for each of its digits, so that a small
    model has ten digits a place to learn instead of every second."""
    frame_spread: float = Field(default=0.0, ge=0)
    """Standard deviation of the table of frames; published: 0."""
    slots: Literal["random", "frames"] = "random"
    """`frames`: each slot, or query of `cross`, begins as rows of the table of frames, evenly
    spread, and so pools about its share of the video; small models hardly leave a random start."""
    slot_spread: float = Field(default=1.0, gt=0)
    """Standard deviation of the slots."""

    @model_validator(mode="after")
    def _rows(self) -> Self:
        if self.slots == "frames" and not self.frame_spread:
            raise ValueError("slots begin as rows of the table of frames: give frame_spread")
        if self.aligned and not self.vision:
            raise ValueError("aligned needs the encoder whose space it is: give vision")
        if self.second_rows == "digits" and not self.second_spread:
            raise ValueError("second_rows says what the rows look like: give second_spread too")
        return self


class InstructionRecipe(Settings):
    """Everything that decides what comes out."""

    objective: Literal["instruction"]
    name: str
    seed: int = 42
    """Of fresh weights; the order of data has its own in `loader`, dropout in `loop`."""
    data: DataSection
    validation: DataSection | None = None
    """Whose loss is told on the way."""
    validate_batches: int = Field(default=8, gt=0)
    frames: FrameSettings = FrameSettings(way="rand", crop="random")
    """Their size is the model's."""
    start: StartSettings = StartSettings()
    fresh: FreshSettings = FreshSettings()
    model: VideoLlmSettings | None = None
    """Of a new model: rows of its tables of words are those of the tokenizer. Beside published
    files: their settings, where they are not those of the published size."""
    lora: LoraSizes | None = None
    """For a start without LoRA, or to change its scale and dropout; None: as the start has it."""
    timestamps: Literal["as the start", "bert", "llama"] = "as the start"
    """Tokenizer of the sentence beside each frame. TimeChat was trained with LLaMA's and measured
    with BERT's; here the model is used as it is trained."""
    trained: tuple[Part, ...] = PUBLISHED_PARTS
    """All else stays as it is."""
    text_tokens: int = Field(default=2048, gt=0)
    """Longest text about a video, visual tokens included."""
    pack: Pack = "off"
    """Several questions about a video, or several videos, in one row; each learns as if alone."""
    time_loss: bool = False
    """VTG-LLM's soft loss of digits; off in every published run."""
    answer_power: float = Field(default=0.0, ge=0, le=1)
    """Of an answer of n tokens each counts n^-power: 0, as published, counts all tokens alike, so
    that long captions drown short times; 1 counts all answers alike."""
    guided: GuidedSettings | None = None
    """Teach two heads where to look: for small models from nothing."""
    in_view: float = Field(default=0.0, ge=0)
    """Weight of a loss in training alone: the tokens of each frame tell which shapes of which
    colours it shows. For small models from nothing, on drawn videos alone."""
    eyes: UserPath | None = None
    """Folder where what the frozen picture tower sees of drawn videos is kept, so that each is
    drawn and seen once; None: every time anew."""
    recompute: bool = False
    """Keep little for gradients and run each block twice: less memory, a third slower."""
    shard: bool = False
    """With `torchrun`: each process holds a part of the frozen layers of the language model."""
    loader: InstructionLoaderSettings = InstructionLoaderSettings()
    loop: LoopSettings
    half: bool = False
    """Write the model in float16: half the size."""
    tensorboard: bool = False
    """Also write events that TensorBoard draws."""

    @model_validator(mode="after")
    def _numbers(self) -> Self:
        guided = self.guided is not None and self.guided.numbers
        if guided and not self.data.of_dialogues:
            raise ValueError(
                "guided.numbers is about candidates of dialogues: give data.drawn_dialogues"
            )
        if self.fresh.numbers and not guided:
            raise ValueError("fresh.numbers has heads that guided.numbers teaches: set that too")
        return self

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        published = self.start.system != "ours"
        if published and not self.start.folder:
            raise ValueError("name the folder with the published files: start.folder")
        if not published and bool(self.start.folder) == (self.model is not None):
            raise ValueError(
                "give either start.folder, a model to start from, or model, the sizes of a new one"
            )
        if self.eyes is not None and ("vision" in self.trained or self.frames.random):
            raise ValueError(
                "eyes keeps what a frozen tower sees of the same frames each time; leave vision "
                "out of trained, and set frames.way to uniform and frames.crop to whole"
            )
        if self.answer_power and self.time_loss:
            raise ValueError("time_loss counts all tokens alike; remove answer_power")
        if self.guided is not None and self.recompute:
            raise ValueError("guided needs what recompute throws away; switch one of them off")
        if self.in_view and self.data.names != ["shape world"]:
            raise ValueError("in_view needs to know what frames show: train on drawn data alone")
        if self.model is not None and (self.model.talk == "dialogue") != self.data.of_dialogues:
            raise ValueError(
                f"model.talk is {self.model.talk!r}; a model of dialogues learns data.dialogues or "
                "data.drawn_dialogues, any other learns data.sets or data.drawn"
            )
        drawn = self.data.drawn
        if drawn and drawn.style == "vtg-it" and self.model and not self.model.time_tokens:
            raise ValueError(
                "data.drawn.style vtg-it writes times as time tokens: set model.time_tokens=true, "
                "or data.drawn.style=timeit for plain digits"
            )
        if self.loop.by_epochs is not None and self.loop.steps:
            raise ValueError("loop.by_epochs says how many steps there are; remove loop.steps")
        return self

    def binding(self) -> dict[str, Any]:
        """All that changes a weight, as plain values."""
        values = self.model_dump(mode="json", exclude={*_FREE, "loop", "loader"})
        loop = self.loop.model_dump(mode="json", exclude=_FREE_LOOP)
        loader = self.loader.model_dump(mode="json", exclude={"workers", "ahead"})
        return values | {"loop": loop, "loader": loader}

    def steps(self) -> LoopSettings:
        """The loop's settings with the number of steps, where epochs say it."""
        loop, epochs = self.loop, self.loop.by_epochs
        if epochs is None:
            return loop
        steps = max(1, epochs.epochs * epochs.iterations // loop.accumulate)
        return loop.model_copy(update={"steps": steps})
