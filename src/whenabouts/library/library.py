"""`Library`: what a person does with folders of videos. Open, index, search, look after.

>>> lib = open_library("my.lib")                                          # doctest: +SKIP
>>> print(lib.add("~/Videos"))                                            # doctest: +SKIP
12 new
>>> print(lib.search("a red star moves left"))                            # doctest: +SKIP
  1  shapes_0003.mp4 0:12.0-0:17.5  0.93  red star
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from whenabouts.catalog import part
from whenabouts.errors import InputError, StoreError
from whenabouts.library.about import About, Status, status_of
from whenabouts.library.encoders import mark_of, open_encoder, source_of
from whenabouts.library.events import Listener, Report, nobody
from whenabouts.library.filters import Filters
from whenabouts.library.results import Moments
from whenabouts.library.settings import IndexSettings, SearchSettings
from whenabouts.store.migrate import CARD
from whenabouts.store.rows import FrameRows, PictureRow, TextRow, VideoRow
from whenabouts.store.store import Store
from whenabouts.types import Encoding, Moment, Span, Video

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from whenabouts.dialogue.conversation import Conversation
    from whenabouts.library.search import Finder
    from whenabouts.protocols import Brain, Encoder, Grounder, TextReader, Watcher


def open_library(
    path: str | Path,
    encoder: Encoder | str | Path | None = None,
    *,
    create: bool = True,
) -> Library:
    """The library in the folder `path`; made when there is none and `create` is set.

    Args:
        path: a folder of its own, not one with videos in it.
        encoder: an open one, a name of the catalog, or a folder with weights; None takes the
            library's own, and for a new library the built-in `tiny-clip`.
        create: False refuses a folder that is no library yet.

    Raises:
        VersionError: the library was made with another encoder, or by a newer program.
        StoreError: there is no library, or it cannot be read.
    """
    folder = Path(path).expanduser().absolute()
    fresh = not (folder / CARD).exists()
    if fresh and not create:
        raise StoreError(f"there is no library at {folder}; make one with `whenabouts index`")
    library = Library(folder, encoder)
    if fresh:
        library.create()
    else:
        library.check()
    return library


class Library:
    """A library on disk; see `open_library`. Reading and searching may go on while it is written.

    Nothing is loaded before it is needed: `status` works without the encoder.
    """

    def __init__(self, path: Path, encoder: Encoder | str | Path | None = None) -> None:
        self.path = path
        self._wished = encoder
        self._encoder: Encoder | None = None
        self._reader: Store | None = None
        self._finder: Finder | None = None

    def __repr__(self) -> str:
        return f"Library({str(self.path)!r})"

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
        """Let go of files and memory; the next use opens them again."""
        if self._reader is not None:
            self._reader.close()
        self._reader = self._finder = None

    def create(self) -> None:
        """Make the empty library on disk and write down its encoder."""
        if self.path.is_dir() and any(self.path.iterdir()):
            raise StoreError(
                f"{self.path} has files in it and is no library; give a new or an empty folder"
            )
        Store(self.path, "w", encoder=mark_of(self.encoder)).close()
        About(encoder=source_of(self._wished, self.encoder)).write(self.path)

    def check(self) -> None:
        """Refuse at once what could only fail later: a newer format, another encoder."""
        self._store()
        if self._wished is not None:
            self._own(self.encoder)

    @property
    def encoder(self) -> Encoder:
        """The library's encoder, loaded on first use and checked against the stored vectors."""
        if self._encoder is None:
            wished = self._wished
            known = (self.path / CARD).exists()
            if wished is None and known:
                wished = About.read(self.path).encoder or self._store().info().encoder.name
            encoder = open_encoder(wished)
            if known:
                self._own(encoder)
            self._encoder = encoder
        return self._encoder

    # Filling it

    def add(
        self,
        *paths: str | Path,
        settings: IndexSettings | None = None,
        on_event: Listener = nobody,
        readers: Sequence[TextReader] | None = None,
    ) -> Report:
        """Index folders and files, and what is left to do from an earlier run.

        Unchanged files cost nothing, renamed ones are recognised, a run that was cut off goes on
        where it stopped. A file that cannot be read is told in the report and stops nothing.

        Args:
            paths: folders or files; none means the folders added before.
            settings: which passes, what to leave out, limits.
            on_event: hears every step, for progress bars.
            readers: text readers instead of the catalog's.
        """
        from whenabouts.library.index import Indexer

        about = About.read(self.path)
        roots = about.with_folders(paths).folders if paths else about.folders
        if not roots:
            raise InputError("no folder was added yet; name one, for example `add('~/Videos')`")
        with self._writing() as store:
            if paths:
                about.with_folders(paths).write(self.path)
            indexer = Indexer(store, self.encoder, settings or IndexSettings(), on_event, readers)
            return indexer.run([str(path) for path in (paths or roots)])

    def prune(self) -> list[str]:
        """Forget the files that are not on disk any more; their paths."""
        gone = [row.path for row in self.videos() if row.status == "missing"]
        if gone:
            with self._writing() as store:
                store.remove(gone)
                store.optimize()
        return gone

    def reindex(
        self,
        encoder: Encoder | str | Path,
        *,
        settings: IndexSettings | None = None,
        on_event: Listener = nobody,
    ) -> Report:
        """Move the library to another encoder: every video is encoded again, texts stay.

        A run that was cut off is resumed by `add` or by the same call.
        """
        from whenabouts.library.index import Indexer
        from whenabouts.library.move import forget_vectors

        fresh = open_encoder(encoder)
        self._encoder, self._wished, self._finder = fresh, encoder, None
        about = About.read(self.path)
        with Store(self.path, "w") as store:
            if store.info().encoder.fingerprint != fresh.fingerprint:
                forget_vectors(store, mark_of(fresh))
            about.with_encoder(source_of(encoder, fresh)).write(self.path)
            indexer = Indexer(store, fresh, settings or IndexSettings(), on_event, None)
            return indexer.run(list(about.folders))

    # Asking it

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        filters: Filters | None = None,
        settings: SearchSettings | None = None,
    ) -> Moments:
        """Moments that fit a description, best first; empty with a reason when nothing does.

        Pictures, speech, on-screen text, subtitles, names and metadata are searched together.
        "A then B" and its like, in English and Chinese, ask for events in this order.
        """
        finder = self._searcher()
        return finder.find(text, limit, filters or Filters(), settings or SearchSettings())

    def like(
        self,
        what: Moment | str | Path | NDArray[np.uint8],
        *,
        span: Span | None = None,
        limit: int = 10,
        filters: Filters | None = None,
        settings: SearchSettings | None = None,
    ) -> Moments:
        """Moments that look like a picture, a clip or another moment of the library.

        Args:
            what: a moment; the path of a picture or video; or pixels, uint8 [H,W,3] RGB.
            span: the part of a video file that is meant; None: all of it.
            limit: at most so many.
            filters: which videos are looked at.
            settings: of the search.
        """
        from whenabouts.library.example import example_of

        finder = self._searcher()
        example = example_of(what, span, self.encoder, self._store())
        return finder.find_like(example, limit, filters or Filters(), settings or SearchSettings())

    def locate(
        self, text: str, video: Video | str, grounder: Grounder | None = None
    ) -> list[Moment]:
        """Moments of one video (an id, path or file name) that fit a description, best first."""
        target = video if isinstance(video, Video) else self.video(video)
        return self._searcher().locate(text, target, grounder)

    def seen(self, video: Video) -> Encoding | None:
        """The stored frames of a video; None where the library has none."""
        return self._searcher().seen(video)

    def frames(self, videos: Collection[str]) -> dict[str, FrameRows]:
        """The stored frames of some videos by id; absent where there are none."""
        return self._store().frames(videos)

    def near(self, vector: NDArray[np.float32], limit: int) -> list[str]:
        """The videos of the `limit` stored frames nearest to `vector` [D], nearest first."""
        hits = self._store().near(vector[None], limit)[0]
        return list(dict.fromkeys(hit.video for hit in hits))

    def chat(self, brain: Brain | None = None, *, watcher: Watcher | None = None) -> Conversation:
        """A conversation about this library: `lib.chat().say("a dog on a beach")`.

        Args:
            brain: who answers; None is the built-in planner, which needs no language model.
            watcher: a video model for questions that nothing stored answers.
        """
        talk: Conversation = part("conversation", "standard")(self, brain, watcher=watcher)
        return talk

    # Looking at it

    def videos(self) -> tuple[VideoRow, ...]:
        """Every file the library knows, by path."""
        return self._store().videos()

    def video(self, name: str) -> Video:
        """The video with this id, path or file name; a name that fits several is refused."""
        from whenabouts.library.about import find_row, video_of

        return video_of(find_row(self.videos(), name))

    def texts(self, video: Video) -> list[TextRow]:
        """What is said, shown and named in a video, in order of time."""
        return self._store().texts(video.id)

    def pictures(self, video: Video, span: Span | None = None) -> list[PictureRow]:
        """A small picture for each shot of a video that touches `span` (None: all of it)."""
        start_s, end_s = (0.0, None) if span is None else (span.start_s, span.end_s)
        return self._store().pictures(video.id, start_s, end_s)

    def status(self) -> Status:
        """Counts, what is still to do, and every failure with its reason."""
        return status_of(self._store(), About.read(self.path))

    @property
    def commit(self) -> int:
        """Number of the latest commit; while it is the same, every answer is."""
        return self._store().commit

    def folders(self) -> tuple[str, ...]:
        """The folders and files that were added."""
        return About.read(self.path).folders

    # Inside

    def _store(self) -> Store:
        if self._reader is None:
            self._reader = Store(self.path)
        return self._reader

    @contextmanager
    def _writing(self) -> Generator[Store]:
        with Store(self.path, "w", encoder=mark_of(self.encoder)) as store:
            yield store

    def _own(self, encoder: Encoder) -> None:
        Store(self.path, encoder=mark_of(encoder)).close()

    def _searcher(self) -> Finder:
        from whenabouts.library.search import Finder

        if self._finder is None:
            self._finder = Finder(self._store(), self.encoder)
        return self._finder
