"""What requests hold: checked by the schema, so that the code behind sees only what makes sense."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from whenabouts.app.serve.names import MOMENT_ID, VIDEO_ID
from whenabouts.library.filters import Filters
from whenabouts.types import Channel

VideoId = Annotated[
    str,
    Field(
        pattern=VIDEO_ID,
        examples=["0f3a5c1b9d2e4f60718293a4b5c6d7e8"],
        max_length=64,
        json_schema_extra={"format": "video-id"},
    ),
]
MomentId = Annotated[
    str,
    Field(
        pattern=MOMENT_ID,
        examples=["0f3a5c1b9d2e4f60718293a4b5c6d7e8@12-17.5"],
        json_schema_extra={"format": "moment-id"},
    ),
]
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text without control characters."""
Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=TEXT)]


def _no_number(value: object) -> object:
    """JSON says what is a number; "3" and true are none."""
    if isinstance(value, bool | str):
        raise ValueError("must be a number")  # noqa: TRY004 - what pydantic tells
    return value


NUMBER = BeforeValidator(_no_number)
"""Behind the limits of a number, so that they come into the schema."""
Flag = StrictBool
Seconds = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
"""In an address everything is text; a body uses `Length`."""
Length = Annotated[float, Field(ge=0, le=1e7), NUMBER]
Lang = Literal["en", "zh"]


def example(**values: Any) -> ConfigDict:
    """A form that refuses unknown keys and shows one example."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [values]})


class FilterForm(BaseModel):
    """Which videos are looked at; all conditions must hold."""

    model_config = example(kind="video", longest_s=600)

    shortest_s: Length | None = Field(default=None, description="At least this long.")
    longest_s: Length | None = Field(default=None, description="At most this long.")
    after_s: Annotated[float, Field(ge=-1e11, le=1e11), NUMBER] | None = Field(
        default=None, description="Recorded at or after, seconds since 1970."
    )
    before_s: Annotated[float, Field(ge=-1e11, le=1e11), NUMBER] | None = Field(
        default=None, description="Recorded before, seconds since 1970."
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
    has_speech: Flag | None = None
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

    limit: Annotated[int, Field(ge=1, le=100), NUMBER] = Field(
        default=10, description="At most so many moments."
    )
    filters: FilterForm = FilterForm()
    floor: Annotated[float, Field(ge=0, le=1), NUMBER] | None = Field(
        default=None, description="Least confidence; 0 shows the best whatever it is."
    )
    per_video: Annotated[int, Field(ge=1, le=100), NUMBER] | None = Field(
        default=3, description="At most so many of one video; null: no limit."
    )
    channels: list[Channel] | None = Field(
        default=None, max_length=7, description="Only these kinds of evidence; null: all."
    )
    order: Flag = Field(default=True, description="Read `A then B` as an order of events.")
    pictures: Flag = Field(
        default=False, description="Send the JPEG of each moment along, in base64."
    )
    curves: Flag = Field(default=True, description="Send the score over time of each moment along.")


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
    frames: Annotated[int, Field(ge=1, le=1024), NUMBER] | None = Field(
        default=None, description="Frames that are watched."
    )
    beams: Annotated[int, Field(ge=1, le=10), NUMBER] | None = None
    temperature: Annotated[float, Field(ge=0.1, le=2.0), NUMBER] | None = None
    top_p: Annotated[float, Field(gt=0, le=1), NUMBER] | None = None
    new_tokens: Annotated[int, Field(ge=1, le=2048), NUMBER] | None = Field(
        default=None, description="Most tokens of an answer."
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1), NUMBER] | None = None


class _Watching(BaseModel):
    """What all questions about one video share."""

    model_config = example()

    video: VideoId
    model: str = Field(
        default="", max_length=200, description="Who watches; empty: frames. See /models."
    )
    generate: GenerateForm = GenerateForm()
    wait_s: Annotated[float, Field(ge=0, le=50), NUMBER] = Field(
        default=20.0, description="Wait so long for the answer; then 202 and a job."
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
    key_frames: Annotated[int, Field(ge=1, le=64), NUMBER] | None = Field(
        default=None,
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
    quick: Flag = Field(default=False, description="Key frames only; a later run does the rest.")
    screen_text: Flag = Field(default=True, description="Read text in the pictures.")
    speech: Flag = Field(default=True, description="Recognise speech.")
    retry: Flag = Field(default=False, description="Try unchanged files again that failed before.")


Format = Literal["clip", "csv", "vtt", "otio", "edl", "fcpxml"]


class ExportForm(BaseModel):
    """Take moments elsewhere."""

    model_config = example(
        moments=["0f3a5c1b9d2e4f60718293a4b5c6d7e8@12-17.5"], to="csv", title="red stars"
    )

    moments: list[MomentId] = Field(min_length=1, max_length=500, description="In this order.")
    to: Format
    title: str = Field(default="moments", max_length=200, pattern=TEXT)
    exact: Flag = Field(
        default=False, description="Cut clips to the frame by encoding again (slower)."
    )
    wait_s: Annotated[float, Field(ge=0, le=50), NUMBER] = Field(
        default=20.0, description="Wait so long; then 202 and a job."
    )


AskForm.model_rebuild()
