"""The LanceDB tables of one library: frames and texts. The only module with that driver.

Each table is pinned to the version that the ledger names. Values go into filters as quoted SQL
text; queries go in as lists of words, so nothing a person types is ever parsed as syntax.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import StoreError

FOLDER = "tables"
TEXTS = "texts"

_NEVER = timedelta(days=36500)

_IMPORTING = threading.Lock()


def frames_name(fingerprint: str) -> str:
    """The table that holds the vectors of one encoder."""
    safe = "".join(c if c.isalnum() and c.isascii() else "_" for c in fingerprint)
    return f"frames-{safe[:32]}"


def sql_text(value: str) -> str:
    """A value as SQL text."""
    return "'" + value.replace("'", "''") + "'"


def one_of(column: str, values: Collection[str]) -> str:
    """The filter "column is one of values"."""
    if not values:
        return "false"
    return f"{column} IN ({', '.join(sql_text(value) for value in values)})"


class Tables:
    """All tables at one commit. Readers get the versions named; a writer stays at the head."""

    def __init__(self, library: Path, schemas: Mapping[str, Any]) -> None:
        self._library = library
        self._schemas = schemas
        with explained(library, "open"):
            self._database = _driver().connect(str(library / FOLDER))
        self._open: dict[str, Any] = {}

    def pin(self, versions: Mapping[str, int]) -> None:
        """Look at exactly these versions (reader)."""
        with explained(self._library, "open"):
            for name in self._schemas.keys() & versions.keys():
                table = self._database.open_table(name)
                table.checkout(versions[name])
                self._open[name] = table

    def claim(self, versions: Mapping[str, int]) -> None:
        """Be the writer: make missing tables, roll back what was never committed."""
        with explained(self._library, "open"):
            present = set(self._database.list_tables().tables)
            for stray in present - (self._schemas.keys() & versions.keys()):
                self._database.drop_table(stray)
            for name, schema in self._schemas.items():
                if name not in versions:
                    self._open[name] = self._create(name, schema)
                    continue
                table = self._database.open_table(name)
                if table.version != versions[name]:
                    table.checkout(versions[name])
                    table.restore()
                self._open[name] = table

    def _create(self, name: str, schema: Any) -> Any:
        from lancedb.index import FTS, BTree

        table = self._database.create_table(name, schema=schema)
        table.create_index("video", config=BTree())
        if name == TEXTS:
            table.create_index(
                "words",
                config=FTS(
                    base_tokenizer="whitespace",
                    stem=False,
                    remove_stop_words=False,
                    with_position=False,
                ),
            )
        return table

    def versions(self) -> dict[str, int]:
        """Table name -> version, for the ledger."""
        return {name: table.version for name, table in self._open.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._open

    def schema(self, name: str) -> Any:
        """The Arrow schema of a table."""
        return self._schemas[name]

    def append(self, name: str, rows: Any) -> None:
        """Add an Arrow table of rows."""
        if rows.num_rows:
            with explained(self._library, "write"):
                self._open[name].add(rows)

    def delete(self, name: str, where: str) -> None:
        """Remove the rows that fit."""
        with explained(self._library, "write"):
            self._open[name].delete(where)

    def rows(self, name: str, columns: Sequence[str], where: str | None = None) -> Any:
        """The rows that fit, as an Arrow table in stored order; `columns` may hold `_rowid`."""
        with explained(self._library, "read"):
            query = self._open[name].search().select([c for c in columns if c != "_rowid"])
            query = query.with_row_id("_rowid" in columns)
            return (query.where(where) if where else query).to_arrow()

    def batches(self, name: str, columns: Sequence[str], where: str | None = None) -> Iterator[Any]:
        """The same, streamed as record batches, for what would not fit twice into memory."""
        with explained(self._library, "read"):
            query = self._open[name].search().select(list(columns))
            yield from (query.where(where) if where else query).to_batches()

    def take(self, name: str, row_ids: Sequence[int], columns: Sequence[str]) -> Any:
        """The rows with these ids, as an Arrow table."""
        with explained(self._library, "read"):
            return self._open[name].take_row_ids(list(row_ids)).select(list(columns)).to_arrow()

    def near(
        self,
        name: str,
        query: NDArray[np.float32],
        limit: int,
        effort: tuple[int, int],
        columns: Sequence[str],
        where: str | None,
    ) -> Any:
        """The stored vectors nearest to one query [D], with `_distance` = 1 - dot.

        `effort` is (partitions looked at, how many times `limit` is compared exactly). Rows that
        the coarse index does not hold yet are all compared. `columns` may hold `_rowid`.
        """
        with explained(self._library, "search"):
            search = (
                self._open[name]
                .search(query, vector_column_name="vector")
                .distance_type("dot")
                .select([*(c for c in columns if c != "_rowid"), "_distance"])
                .with_row_id("_rowid" in columns)
                .limit(limit)
                .nprobes(effort[0])
                .refine_factor(effort[1])
            )
            return (search.where(where, prefilter=True) if where else search).to_arrow()

    def match(self, words: str, limit: int, where: str | None) -> Any:
        """The texts that share words with the query, with `_score` = BM25."""
        from lancedb.query import MatchQuery

        with explained(self._library, "search"):
            search = (
                self._open[TEXTS]
                # The driver's types hide that all other arguments have defaults.
                .search(MatchQuery(words, "words"), query_type="fts")  # pyright: ignore[reportCallIssue]
                .select(["video", "start_s", "end_s", "channel", "lang", "text", "_score"])
                .limit(limit)
            )
            return (search.where(where, prefilter=True) if where else search).to_arrow()

    def index_vectors(self, name: str, partitions: int) -> None:
        """Build the coarse index over the vectors; rows added later are found without it."""
        from lancedb.index import IvfRq

        with explained(self._library, "index"):
            self._open[name].create_index(
                "vector",
                config=IvfRq(
                    distance_type="dot",
                    num_partitions=partitions,
                    # A quarter of the default work: with it, as many more partitions looked at
                    # cost nothing to speak of (benchmarks/search.py).
                    max_iterations=20,
                    sample_rate=128,
                ),
            )

    def vector_index(self, name: str) -> tuple[int, int] | None:
        """Rows (indexed, not yet indexed) of the coarse index, None when there is none."""
        with explained(self._library, "read"):
            for index in self._open[name].list_indices():
                if index.columns == ["vector"]:
                    return index.num_indexed_rows or 0, index.num_unindexed_rows or 0
        return None

    def warm_up(self, name: str) -> None:
        """Load the coarse index into memory, 80 MB a million rows; it comes bit by bit else."""
        with explained(self._library, "read"):
            for index in self._open[name].list_indices():
                if index.columns == ["vector"]:
                    self._open[name].prewarm_index(index.name)

    def compact(self) -> dict[str, int]:
        """Merge small pieces and bring the indexes up to date; gives the new versions."""
        with explained(self._library, "compact"):
            for table in self._open.values():
                table.optimize(cleanup_older_than=_NEVER)
        return self.versions()

    def forget(self, older_than: timedelta) -> None:
        """Delete the files of versions that are older, never the latest.

        The driver compacts whenever it deletes, and would delete the version that the ledger names
        if that made a new one. So this comes after `compact` has found nothing to do.
        """
        with explained(self._library, "compact"):
            for table in self._open.values():
                table.optimize(cleanup_older_than=older_than)


@contextmanager
def explained(library: Path, doing: str) -> Generator[None]:
    """Turn whatever the driver raises into one clear error."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StoreError(
            f"cannot {doing} the library {library}: {first[:300]}; check disk space and "
            "permissions (what was committed before is still there)"
        ) from error


def _driver() -> Any:
    """The driver, imported on first use: it costs more than a CPU second."""
    with _IMPORTING:
        import lancedb

    return lancedb
