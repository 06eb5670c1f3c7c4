"""An open library: lock, ledger, tables and memory kept in step. `Store` is its public face."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from whenabouts.errors import StoreError, VersionError
from whenabouts.store import migrate
from whenabouts.store.ledger import Change, Ledger, Snapshot
from whenabouts.store.limits import Limits
from whenabouts.store.lock import WriterLock
from whenabouts.store.rows import EncoderMark, PictureRow, VideoRow

if TYPE_CHECKING:
    from whenabouts.store.memory import Memory
    from whenabouts.store.reading import Reading
    from whenabouts.store.tables import Tables

T = TypeVar("T")


class Session:
    """One opened library, for reading or (with `write`) as its only writer."""

    def __init__(
        self, path: Path, *, write: bool, encoder: EncoderMark | None, limits: Limits
    ) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._limits = limits
        self._tables: Tables | None = None
        self._reading: Reading | None = None
        self._memory: Memory | None = None
        self._snapshot: Snapshot | None = None
        self._writer = _claim(path, encoder) if write else None
        try:
            self.card = migrate.upgrade(path) if write else migrate.read_card(path)
            if encoder is not None and encoder.fingerprint != self.card.encoder.fingerprint:
                raise VersionError(
                    f"the library {path} was made with the encoder {self.card.encoder.name!r}, "
                    f"not with this {encoder.name!r}; search it with that one, or run "
                    "`whenabouts reindex --encoder` to move it"
                )
            self._ledger = Ledger(path, write=write)
            if write:
                self._drop_foreign_vectors()
        except BaseException:
            if self._writer:
                self._writer.release()
            raise

    def close(self) -> None:
        """Let go of files and of the writer's lock."""
        with self._lock:
            self._ledger.close()
            self._forget_open()
            self._memory = None
            if self._writer:
                self._writer.release()

    # Reading

    def state(self) -> Snapshot:
        """The latest commit; looks for news, which costs microseconds when there is none."""
        with self._lock:
            if self._snapshot is None or self._ledger.changed():
                self._snapshot = self._ledger.read()
            return self._snapshot

    def ask(self, question: Callable[[Reading], T]) -> T | None:
        """Ask the latest commit; None when nothing was ever stored."""
        reading = self._reading_now()
        if reading is None:
            return None
        try:
            return question(reading)
        except StoreError:
            # The writer may have cleaned away the version that was being read: try the newest.
            newest = self._reading_now()
            if newest is None or newest is reading:
                raise
            return question(newest)

    def _reading_now(self) -> Reading | None:
        """The latest commit, opened for searching."""
        with self._lock:
            state = self.state()
            if not state.versions:
                return None
            if self._reading is None or self._reading.state is not state:
                self._reading = self._opened(state)
            return self._reading

    def _opened(self, state: Snapshot) -> Reading:
        from whenabouts.store.reading import Reading

        self._refuse_other_encoder()
        if self._reading is not None and self._reading.state.versions == state.versions:
            return self._reading.moved_to(state)  # only rows of files have changed
        if self._writer is None:
            tables = self._new_tables()
            tables.pin(state.versions)
        else:
            tables = self._tables_to_write(state)
        return Reading(state, tables, self._frames_name, self.memory())

    def memory(self) -> Memory:
        """What is held in memory."""
        if self._memory is None:
            from whenabouts.store.memory import Memory

            self._memory = Memory(self.card.encoder.width, self._limits)
        return self._memory

    def pictures(self, video: str, start_s: float, end_s: float) -> list[PictureRow]:
        """See `Store.pictures`."""
        with self._lock:
            return self._ledger.pictures(video, start_s, end_s)

    def pictures_at(self, moments: Sequence[tuple[str, float]]) -> list[bytes]:
        """See `Store.pictures_at`."""
        with self._lock:
            return [self._ledger.picture_at(video, time_s) for video, time_s in moments]

    def _refuse_other_encoder(self) -> None:
        """A reader notices when the library moved to another encoder under its feet."""
        if self._writer is None:
            card = migrate.read_card(self.path)
            if card.encoder != self.card.encoder:
                raise VersionError(
                    f"the library {self.path} has moved from the encoder "
                    f"{self.card.encoder.name!r} to {card.encoder.name!r}; open it again"
                )

    # Writing

    def change(self, make: Callable[[Snapshot, Tables, str], Change]) -> None:
        """One transaction: change tables, then say so in the ledger; on failure roll back.

        `make` gets the latest commit, the tables and the name of the one that holds frames.
        """
        with self._lock:
            self.require_writer()
            state = self.state()
            tables = self._tables_to_write(state)
            try:
                change = make(state, tables, self._frames_name)
                self._ledger.commit(change)
            except BaseException:
                self._forget_open()  # opening the tables again rolls them back
                raise
            self._snapshot = state.after(change)

    def use_tables(self, work: Callable[[Tables], None]) -> None:
        """Upkeep of the tables that leaves their versions as they are."""
        with self._lock:
            self.require_writer()
            work(self._tables_to_write(self.state()))

    def change_files(self, files: Sequence[VideoRow], gone_paths: Collection[str]) -> None:
        """The same for changes of the ledger alone; does not open the tables."""
        with self._lock:
            self.require_writer()
            state = self.state()
            change = Change(state.versions, files=files, gone_paths=gone_paths)
            self._ledger.commit(change)
            self._snapshot = state.after(change)

    def change_encoder(self, encoder: EncoderMark) -> None:
        """Write the card first: it decides which vectors count."""
        with self._lock:
            self.require_writer()
            card = replace(self.card, encoder=encoder)
            migrate.write_card(self.path, card)
            self.card, self._memory = card, None
            self._forget_open()
            self._drop_foreign_vectors()

    def require_writer(self) -> None:
        """Refuse to write through a reader."""
        if self._writer is None:
            raise StoreError(f"{self.path} was opened for reading; open it with mode 'w'")

    def _drop_foreign_vectors(self) -> None:
        """Forget counts of vectors that another encoder made (also of a move that was cut off)."""
        state = self.state()
        foreign = {key: c for key, c in state.contents.items() if c.frames}
        if foreign and self._frames_name not in state.versions:
            emptied = {key: replace(c, frames=0, frames_commit=0) for key, c in foreign.items()}
            self.change(lambda _, tables, __: Change(tables.versions(), contents=emptied))

    # Inside

    @property
    def _frames_name(self) -> str:
        from whenabouts.store.tables import frames_name

        return frames_name(self.card.encoder.fingerprint)

    def _tables_to_write(self, state: Snapshot) -> Tables:
        if self._tables is None:
            tables = self._new_tables()
            tables.claim(state.versions)
            self._tables = tables
        return self._tables

    def _new_tables(self) -> Tables:
        from whenabouts.store import columns
        from whenabouts.store.tables import TEXTS, Tables

        schemas: Mapping[str, object] = {
            self._frames_name: columns.frames_schema(self.card.encoder.width),
            TEXTS: columns.TEXTS_SCHEMA,
        }
        return Tables(self.path, schemas)

    def _forget_open(self) -> None:
        self._tables = self._reading = self._snapshot = None


def _claim(path: Path, encoder: EncoderMark | None) -> WriterLock:
    """The writer's lock; makes the library first when there is none."""
    if encoder is None and not (path / migrate.CARD).exists():
        migrate.read_card(path)  # says that there is no library
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the library {path}: {error.strerror}") from error
    lock = WriterLock(path)
    try:
        if encoder is not None and not (path / migrate.CARD).exists():
            Ledger(path, write=True).close()
            migrate.write_card(path, migrate.new_card(encoder))
    except BaseException:
        lock.release()
        raise
    return lock
