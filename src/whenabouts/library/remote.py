"""A library behind a server: the same methods, so that a script runs unchanged.

>>> lib = connect("http://127.0.0.1:8765")                                # doctest: +SKIP
>>> print(lib.search("a red star moves left"))                            # doctest: +SKIP
  1  shapes_0003.mp4 0:12.0-0:17.5  0.93  red star
"""

from __future__ import annotations

import base64
import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from whenabouts.errors import InputError, StoreError
from whenabouts.library.about import Status
from whenabouts.library.events import Event, Failure, Listener, Report, nobody
from whenabouts.library.filters import Filters
from whenabouts.library.remote_chat import RemoteConversation
from whenabouts.library.results import Moments
from whenabouts.library.settings import IndexSettings, SearchSettings
from whenabouts.library.wire import Wire, error_of
from whenabouts.protocols import Told
from whenabouts.store.rows import EncoderMark, PictureRow, StoreInfo, TextRow, VideoRow
from whenabouts.types import Curve, Moment, Span, Turn, Video

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def connect(url: str, token: str = "") -> RemoteLibrary:
    """The library that `whenabouts serve` shows at `url`.

    Args:
        url: for example `http://127.0.0.1:8765`.
        token: what the server printed when it started; empty on its own machine.

    Raises:
        StoreError: no server answers there.
        InputError: it asks for another token.
    """
    library = RemoteLibrary(Wire(url, token))
    try:
        library.check()
    except BaseException:
        library.close()
        raise
    return library


class RemoteLibrary:
    """A library on another machine or in another process; see `connect` and `Library`.

    Paths are those of the server's machine, except for pictures to search with and `upload`.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __repr__(self) -> str:
        return f"RemoteLibrary({self._wire.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._wire.close()

    def check(self) -> None:
        """Refuse at once an address where no server answers."""
        self._wire.get("/health")

    # Filling it

    def add(
        self,
        *paths: str | Path,
        settings: IndexSettings | None = None,
        on_event: Listener = nobody,
    ) -> Report:
        """Index folders and files of the server's machine; see `Library.add`."""
        settings = settings or IndexSettings()
        _same(settings, IndexSettings(), {"passes", "retry"})
        body = {
            "paths": [str(path) for path in paths],
            "quick": "frames" not in settings.passes,
            "screen_text": "screen" in settings.passes,
            "speech": "speech" in settings.passes,
            "retry": settings.retry,
        }
        return _report(self._followed(self._wire.post("/library/index", body), on_event))

    def upload(self, path: str | Path, *, on_event: Listener = nobody) -> Video:
        """Send a video of this machine and wait until it can be found."""
        file = Path(path).expanduser()
        answer = self._wire.send("/uploads", file, file.name)
        self._followed(answer["job"], on_event)
        return Video.from_json(answer["video"])

    def prune(self) -> list[str]:
        """Forget the files that are not on disk any more; their paths."""
        return self._followed(self._wire.post("/library/prune", {}), nobody)["removed"]

    # Asking it

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        filters: Filters | None = None,
        settings: SearchSettings | None = None,
    ) -> Moments:
        """Moments that fit a description, best first; see `Library.search`."""
        body = {"query": text, **_searching(limit, filters, settings)}
        return _moments(self._wire.post("/search", body))

    def like(
        self,
        what: Moment | str | Path | NDArray[np.uint8],
        *,
        limit: int = 10,
        filters: Filters | None = None,
        settings: SearchSettings | None = None,
    ) -> Moments:
        """Moments that look like a moment of the library, or a picture of this machine.

        Filters and settings count for moments only.
        """
        if isinstance(what, Moment):
            span = what.span
            name = f"{what.video.id}@{span.start_s:.3f}-{span.end_s:.3f}"
            body = {"moment": name, **_searching(limit, filters, settings)}
            return _moments(self._wire.post("/search/like", body))
        if filters is not None or settings is not None:
            raise InputError("a picture is sent without filters and settings; leave them out")
        where = f"/search/image?limit={limit}&pictures=true"
        if isinstance(what, str | Path):
            return _moments(self._wire.send(where, Path(what).expanduser(), ""))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "picture.png"
            file.write_bytes(_png(what))
            return _moments(self._wire.send(where, file, ""))

    def locate(self, text: str, video: Video | str) -> list[Moment]:
        """Moments of one video (an id, path or file name) that fit a description, best first."""
        target = video if isinstance(video, Video) else self.video(video)
        answer = self._wire.get(f"/videos/{target.id}/heat", q=text)
        return [Moment.from_json({**one, "curve": answer["curve"]}) for one in answer["moments"]]

    def watcher(self, model: str = "") -> RemoteWatcher:
        """Who watches single videos there: `frames`, or a video LLM that is served."""
        return RemoteWatcher(self._wire, model)

    def chat(self) -> RemoteConversation:
        """A conversation with the planner of the server: `lib.chat().say("a dog on a beach")`."""
        return RemoteConversation(self._wire)

    # Looking at it

    def videos(self) -> tuple[VideoRow, ...]:
        """Every file that can be shown, by path."""
        rows: list[VideoRow] = []
        while True:
            page = self._wire.get("/videos", offset=len(rows), limit=1000, sort="name")
            rows += [_row(one) for one in page["videos"]]
            if len(rows) >= page["total"] or not page["videos"]:
                return tuple(sorted(rows, key=lambda row: row.path))

    def video(self, name: str) -> Video:
        """The video with this id, path or file name; a name that fits several is refused."""
        from whenabouts.library.about import find_row, video_of

        return video_of(find_row(self.videos(), name))

    def texts(self, video: Video) -> list[TextRow]:
        """What is said, shown and named in a video, in order of time."""
        return [TextRow(**one) for one in self._wire.get(f"/videos/{video.id}/texts")["texts"]]

    def pictures(self, video: Video, span: Span | None = None) -> list[PictureRow]:
        """A small picture for each shot of a video that touches `span` (None: all of it)."""
        answer = self._wire.get(f"/videos/{video.id}/shots")
        rows = [
            PictureRow(s["start_s"], s["end_s"], s["time_s"], base64.b64decode(s["picture"]))
            for s in answer["shots"]
        ]
        if span is None:
            return rows
        return [row for row in rows if row.start_s < span.end_s and row.end_s > span.start_s]

    def status(self) -> Status:
        """Counts, what is still to do, and every failure with its reason."""
        return _status(self._wire.get("/library"))

    def folders(self) -> tuple[str, ...]:
        """The folders and files that were added."""
        return tuple(self._wire.get("/library")["folders"])

    # Inside

    def _followed(self, job: dict[str, Any], on_event: Listener) -> dict[str, Any]:
        """The result of a job, told as it goes on."""
        return follow(self._wire, job, lambda progress: on_event(_event(progress)))


def follow(
    wire: Wire, job: dict[str, Any], hear: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """The result of a job; `hear` is given its progress as it goes on."""
    for _, news in wire.events(f"/jobs/{job['id']}/events"):
        job = news
        hear(job["progress"])
    if job["state"] == "done":
        return job["result"]
    if job["error"] is not None:
        told = job["error"]
        raise error_of(told["kind"], told["detail"], told["status"])
    raise StoreError(f"the job {job['id']} ended as {job['state']}; the server may have stopped")


class RemoteWatcher:
    """A `Watcher` behind a server."""

    def __init__(self, wire: Wire, model: str) -> None:
        self._wire, self._model = wire, model

    @property
    def name(self) -> str:
        """Name for people."""
        return self._model or "frames"

    def ground(self, video: Video, query: str, within: Span | None = None) -> Told:
        """Moments that fit `query`, best first."""
        if within is not None:
            raise InputError("a part of a video cannot be asked for here; leave `within` out")
        return self._told("ground", video, query=query)

    def highlights(self, video: Video, query: str = "") -> Told:
        """Saliency over time and its peaks."""
        return self._told("highlights", video, query=query)

    def captions(self, video: Video, lang: str = "en") -> Told:
        """Events in order of time."""
        return self._told("caption", video, lang=lang)

    def tell(
        self,
        video: Video,
        question: str,
        history: Sequence[Turn] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Told:
        """A free answer to a question, after the turns so far."""
        said = [{"role": turn.role, "text": turn.text} for turn in history]
        return self._told("ask", video, on_text, question=question, history=said)

    def _told(
        self,
        kind: str,
        video: Video,
        on_text: Callable[[str], None] | None = None,
        **body: object,
    ) -> Told:
        form = {"video": video.id, "model": self._model, "wait_s": 0, **body}
        answer = self._wire.post(f"/{kind}", form)
        if "state" in answer:

            def hear(progress: dict[str, Any]) -> None:
                if on_text is not None and progress["stage"] == "answer":
                    on_text(progress["text"])

            answer = follow(self._wire, answer, hear)
        curve = answer["saliency"]
        moments = tuple(Moment.from_json(one) for one in answer["moments"])
        return Told(
            Turn("assistant", answer["text"], "answer" if kind == "ask" else "moment", moments),
            None if curve is None else Curve(tuple(curve["times_s"]), tuple(curve["scores"])),
            tuple(answer["notes"]),
        )


def _same(given: Any, usual: Any, allowed: set[str]) -> None:
    """Refuse settings that a server does not take, instead of passing over them."""
    other = [
        name
        for name in type(given).model_fields
        if name not in allowed and getattr(given, name) != getattr(usual, name)
    ]
    if other:
        raise InputError(f"a server does not take the settings {', '.join(other)}; leave them out")


def _searching(
    limit: int, filters: Filters | None, settings: SearchSettings | None
) -> dict[str, Any]:
    settings = settings or SearchSettings()
    _same(settings, SearchSettings(), {"floor", "per_video", "channels", "order", "pictures"})
    wished = (filters or Filters()).model_dump(mode="json")
    return {
        "limit": limit,
        "filters": {**wished, "folder": wished["folder"] or ""},
        "floor": settings.floor,
        "per_video": settings.per_video,
        "channels": settings.channels,
        "order": settings.order,
        "pictures": settings.pictures,
    }


def _moments(answer: dict[str, Any]) -> Moments:
    found = (Moment.from_json(one) for one in answer["hits"])
    return Moments(found, answer["query"], answer["reason"])


def _png(pixels: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


def _row(one: dict[str, Any]) -> VideoRow:
    values: dict[str, Any] = {key: value for key, value in one.items() if key != "name"}
    values |= {"passes": tuple(one["passes"]), "langs": tuple(one["langs"])}
    return VideoRow(mtime_ns=0, **values)


def _event(progress: dict[str, Any]) -> Event:
    return Event(
        "progress",
        progress["stage"],
        done_s=progress["done"],
        total_s=progress["total"],
        text=progress["text"],
    )


def _failures(listed: list[dict[str, str]]) -> list[Failure]:
    return [Failure(Path(one["path"]), one["reason"]) for one in listed]


def _report(values: dict[str, Any]) -> Report:
    told = {key: _failures(values[key]) for key in ("failed", "partial")}
    return Report(**dict[str, Any]({**values, **told}))


def _status(values: dict[str, Any]) -> Status:
    info = StoreInfo(
        values["format"],
        "",
        EncoderMark(**values["encoder"]),
        values["files"],
        values["contents"],
        values["frames"],
        values["texts"],
        values["pictures"],
        0,
    )
    return Status(
        Path(values["library"]),
        tuple(values["folders"]),
        info,
        values["kinds"],
        values["length_s"],
        values["due"],
        tuple(_failures(values["failed"])),
        tuple(_failures(values["partial"])),
        tuple(values["missing"]),
    )
