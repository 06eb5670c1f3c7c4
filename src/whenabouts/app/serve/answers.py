"""What responses hold, for the schema. Moments are written as docs/json.md says."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class VideoAnswer(BaseModel):
    """A video as it is named inside a moment."""

    id: str
    path: str
    duration_s: float
    fps: float
    width: int
    height: int


class MatchAnswer(BaseModel):
    """A word of the query and the frame that fits it best."""

    word: str
    weight: float
    time_s: float
    frame_weight: float
    score: float


class EvidenceAnswer(BaseModel):
    """Why a moment was found."""

    channel: str
    score: float
    text: str
    time_s: float | None
    matches: list[MatchAnswer] = []


class CurveAnswer(BaseModel):
    """A score over time."""

    times_s: list[float]
    scores: list[float]


class MomentAnswer(BaseModel):
    """A stretch of one video with a score."""

    video: VideoAnswer
    start_s: float
    end_s: float
    score: float
    text: str
    evidence: list[EvidenceAnswer]
    curve: CurveAnswer | None
    picture: str = Field("", description="JPEG in base64, where it was asked for.")


class SearchAnswer(BaseModel):
    """Moments, best first, or why there are none."""

    query: str
    reason: str = Field(description="Why there is nothing, or less than asked for; else empty.")
    hits: list[MomentAnswer]
    notes: list[str] = []
    took_ms: float


class FailureAnswer(BaseModel):
    """A file that could not be read, or only in part."""

    path: str
    reason: str


class EncoderAnswer(BaseModel):
    """Which encoder made the vectors."""

    name: str
    fingerprint: str
    width: int


class LibraryAnswer(BaseModel):
    """How the library stands."""

    library: str
    folders: list[str]
    encoder: EncoderAnswer
    format: int
    files: int
    contents: int
    kinds: dict[str, int]
    length_s: float
    frames: int
    texts: int
    pictures: int
    due: dict[str, int]
    failed: list[FailureAnswer]
    partial: list[FailureAnswer]
    missing: list[str]


class FileAnswer(BaseModel):
    """A file of the library."""

    id: str
    path: str
    name: str
    duration_s: float
    fps: float
    width: int
    height: int
    kind: str
    status: str
    reason: str
    size: int
    added_s: float
    created_s: float | None
    passes: list[str]
    langs: list[str]
    has_speech: bool


class VideosAnswer(BaseModel):
    """A page of the files of the library."""

    total: int = Field(description="Files that pass the conditions, on all pages.")
    videos: list[FileAnswer]


class TextAnswer(BaseModel):
    """A piece of text of a video."""

    start_s: float
    end_s: float
    channel: str
    lang: str
    text: str


class TextsAnswer(BaseModel):
    """What is said, shown and named in a video, in order of time."""

    texts: list[TextAnswer]


class ShotAnswer(BaseModel):
    """A shot of a video and where its picture lies in the sprite."""

    start_s: float
    end_s: float
    time_s: float
    column: int
    row: int


class SpriteAnswer(BaseModel):
    """How to read the sprite of a video: small pictures in a grid, a shot each."""

    tile_width: int
    tile_height: int
    columns: int
    rows: int
    shots: list[ShotAnswer]


class PictureAnswer(BaseModel):
    """A shot of a video with its picture."""

    start_s: float
    end_s: float
    time_s: float
    picture: str = Field(description="JPEG in base64.")


class ShotsAnswer(BaseModel):
    """The shots of a video in order of time."""

    shots: list[PictureAnswer]


class HeatAnswer(BaseModel):
    """How well a query fits over the time of one video, and the moments inside it."""

    query: str
    curve: CurveAnswer | None
    moments: list[MomentAnswer]


class WatchAnswer(BaseModel):
    """What was told of one video."""

    model: str
    video: VideoAnswer
    text: str
    moments: list[MomentAnswer]
    saliency: CurveAnswer | None
    notes: list[str]
    option: int | None = Field(None, description="Which of the choices was taken, from 0.")
    confidence: float | None = Field(None, description="How sure the answer is, 0 to 1.")
    sure: bool = Field(True, description="False: the text says that it cannot be told.")
    chances: list[float] = Field([], description="Of each choice.")
    key_frames_s: list[float] = Field([], description="Frames that the answer was read from.")


class ExportFile(BaseModel):
    """A file that an export wrote."""

    name: str
    url: str
    size: int


class ExportAnswer(BaseModel):
    """What an export wrote."""

    to: str
    files: list[ExportFile]
    notes: list[str]


class Progress(BaseModel):
    """How far a job is."""

    stage: str = ""
    done: float = 0.0
    total: float = 0.0
    text: str = ""


class JobAnswer(BaseModel):
    """A piece of long work."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "20261121-0001",
                    "kind": "index",
                    "state": "running",
                    "request": {"paths": ["/home/me/Videos"]},
                    "progress": {"stage": "frames", "done": 3, "total": 12, "text": "boat.mp4"},
                    "result": None,
                    "error": None,
                    "created_s": 1795000000.0,
                    "ended_s": None,
                }
            ]
        }
    )

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    request: dict[str, Any]
    progress: Progress
    result: dict[str, Any] | None
    error: dict[str, Any] | None = Field(description="A problem, where the job failed.")
    created_s: float
    ended_s: float | None


class JobsAnswer(BaseModel):
    """The latest jobs, newest first."""

    jobs: list[JobAnswer]


class UploadAnswer(BaseModel):
    """A file that was taken, and the job that makes it searchable."""

    video: VideoAnswer
    job: JobAnswer


class ModelAnswer(BaseModel):
    """Who can watch a video."""

    name: str
    title: str
    kind: str
    about: str
    can: list[str]


class ModelsAnswer(BaseModel):
    """Everyone who can watch a video."""

    models: list[ModelAnswer]


class HealthAnswer(BaseModel):
    """Whether the server works."""

    status: Literal["ok"]
    version: str
    uptime_s: float


class TurnAnswer(BaseModel):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str
    act: str
    moments: list[MomentAnswer]
    request: dict[str, Any] | None = Field(
        None, description="What the reader is asked to do: `do` (`play`, `export`) and more."
    )


class ChatHead(BaseModel):
    """A conversation without its turns."""

    id: str
    title: str
    changed_s: float


class ChatAnswer(ChatHead):
    """A conversation."""

    turns: list[TurnAnswer]


class ChatsAnswer(BaseModel):
    """Conversations, newest first."""

    chats: list[ChatHead]
