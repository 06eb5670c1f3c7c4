"""What requests hold: checked by the schema, so that the code behind sees only what makes sense."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from whenabouts.app.serve.names import MOMENT_ID, VIDEO_ID
from whenabouts.library.filters import Filters
from whenabouts.types import Channel

VideoId = Annotated[
    str, Field(pattern=VIDEO_ID, examples=["0f3a5c1b9d2e4f60718293a4b5c6d7e8"], max_length=64)
]
MomentId = Annotated[
    str, Field(pattern=MOMENT_ID, examples=["0f3a5c1b9d2e4f60718293a4b5c6d7e8@12-17.5"])
]
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text without control characters."""
Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=TEXT)]
Seconds = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
Lang = Literal["en", "zh"]


def example(**values: Any) -> ConfigDict:
    """A form that refuses unknown keys and shows one example."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [values]})


class FilterForm(BaseModel):
    """Which videos are looked at; all conditions must hold."""

    model_config = example(kind="video", longest_s=600)

    shortest_s: Seconds | None = Field(default=None, description="At least this long.")
    longest_s: Seconds | None = Field(default=None, description="At most this long.")
    after_s: float | None = Field(
        default=None, ge=-1e11, le=1e11, description="Recorded at or after, seconds since 1970."
    )
    before_s: float | None = Field(
        default=None, ge=-1e11, le=1e11, description="Recorded before, seconds since 1970."
    )
    folder: str = Field(
        default="",
        max_length=1000,
        pattern=r"^[^~\x00][^\x00]*$|^$",
        description="Inside this folder.",
    )
    name: str = Field(
        default="", max_length=200, description="File name pattern, such as `trip*.mp4`."
    )
    kind: Literal["video", "animation", "image", "audio"] | None = None
    has_speech: bool | None = None
    lang: str = Field(
        default="", pattern=r"^[A-Za-z-]{0,12}$", description="Language, such as `zh`."
    )
    video: str = Field(
        default="", pattern=r"^([0-9a-f]{16,64})?$", description="Only this video id."
    )
    videos: list[VideoId] | None = Field(
        default=None, max_length=1000, description="Only these video ids."
    )

    def filters(self) -> Filters:
        """As the library takes them."""
        values = self.model_dump(exclude={"folder"})
        return Filters(**values, folder=Path(self.folder) if self.folder else None)


class _Searching(BaseModel):
    """What all searches share."""

    model_config = example()

    limit: int = Field(default=10, ge=1, le=100, description="At most so many moments.")
    filters: FilterForm = FilterForm()
    floor: float | None = Field(
        default=None, ge=0, le=1, description="Least confidence; 0 shows the best whatever it is."
    )
    per_video: int | None = Field(
        default=3, ge=1, le=100, description="At most so many of one video; null: no limit."
    )
    channels: list[Channel] | None = Field(
        default=None, max_length=7, description="Only these kinds of evidence; null: all."
    )
    order: bool = Field(default=True, description="Read `A then B` as an order of events.")
    pictures: bool = Field(
        default=False, description="Send the JPEG of each moment along, in base64."
    )
    curves: bool = Field(default=True, description="Send the score over time of each moment along.")


class SearchForm(_Searching):
    """A search by words."""

    model_config = example(query="a red star moves left", limit=5)

    query: Words = Field(description="What happens, in English or Chinese; `A then B` orders.")
    refine: str = Field(
        default="", max_length=200, description="A model that sharpens the best hits; see /models."
    )


class LikeForm(_Searching):
    """A search by a moment of the library."""

    model_config = example(moment="0f3a5c1b9d2e4f60718293a4b5c6d7e8@12-17.5")

    moment: MomentId


class GenerateForm(BaseModel):
    """How a video LLM draws its answer: the controls of the published demos, honoured."""

    model_config = example(preset="demo", beams=1, temperature=1.0)

    preset: Literal["greedy", "beam", "published", "published-cool", "demo"] = Field(
        default="greedy", description="Where the other values come from unless they are given."
    )
    frames: int | None = Field(default=None, ge=1, le=1024, description="Frames that are watched.")
    beams: int | None = Field(default=None, ge=1, le=10)
    temperature: float | None = Field(default=None, ge=0.1, le=2.0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    new_tokens: int | None = Field(
        default=None, ge=1, le=2048, description="Most tokens of an answer."
    )
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)


class _Watching(BaseModel):
    """What all questions about one video share."""

    model_config = example()

    video: VideoId
    model: str = Field(
        default="", max_length=200, description="Who watches; empty: frames. See /models."
    )
    generate: GenerateForm = GenerateForm()
    wait_s: float = Field(
        default=20.0, ge=0, le=50, description="Wait so long for the answer; then 202 and a job."
    )


class GroundForm(_Watching):
    """When does it happen in one video?"""

    model_config = example(video="0f3a5c1b9d2e4f60718293a4b5c6d7e8", query="a red star")

    query: Words


class HighlightsForm(_Watching):
    """What matters in one video?"""

    model_config = example(video="0f3a5c1b9d2e4f60718293a4b5c6d7e8", query="")

    query: str = Field(default="", max_length=2000, pattern=TEXT)


class CaptionForm(_Watching):
    """What happens when in one video?"""

    model_config = example(video="0f3a5c1b9d2e4f60718293a4b5c6d7e8", lang="zh")

    lang: Lang = "en"


class AskForm(_Watching):
    """A question about one video, after earlier ones; with choices it is located and answered."""

    model_config = example(
        video="0f3a5c1b9d2e4f60718293a4b5c6d7e8", question="What does the star do?"
    )

    question: Words
    history: list[Said] = Field(default=[], max_length=40, description="Earlier turns, in order.")
    choices: list[Words] = Field(
        default=[], max_length=5, description="Answers to choose from: two to five, or none."
    )
    key_frames: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Frames that a SeViLA reads; null: as its folder says.",
    )


class Said(BaseModel):
    """A turn of a conversation about one video."""

    model_config = example(role="user", text="What is red?")

    role: Literal["user", "assistant"]
    text: str = Field(max_length=20000)


class IndexForm(BaseModel):
    """Make folders and files searchable; none: those added before."""

    model_config = example(paths=["/home/me/Videos"], quick=False)

    paths: list[Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00]+$")]] = (
        Field(
            default=[], max_length=100, description="Absolute paths on the machine of the library."
        )
    )
    quick: bool = Field(default=False, description="Key frames only; a later run does the rest.")
    screen_text: bool = Field(default=True, description="Read text in the pictures.")
    speech: bool = Field(default=True, description="Recognise speech.")
    retry: bool = Field(default=False, description="Try unchanged files again that failed before.")


Format = Literal["clip", "csv", "vtt", "otio", "edl", "fcpxml"]


class ExportForm(BaseModel):
    """Take moments elsewhere."""

    model_config = example(
        moments=["0f3a5c1b9d2e4f60718293a4b5c6d7e8@12-17.5"], to="csv", title="red stars"
    )

    moments: list[MomentId] = Field(min_length=1, max_length=500, description="In this order.")
    to: Format
    title: str = Field(default="moments", max_length=200, pattern=TEXT)
    exact: bool = Field(
        default=False, description="Cut clips to the frame by encoding again (slower)."
    )
    wait_s: float = Field(
        default=20.0, ge=0, le=50, description="Wait so long; then 202 and a job."
    )


AskForm.model_rebuild()
