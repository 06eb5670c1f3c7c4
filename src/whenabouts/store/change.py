"""What one commit does to the tables, and what the ledger then has to say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from whenabouts.errors import InputError
from whenabouts.store import columns
from whenabouts.store.ledger import Change, Content, Snapshot
from whenabouts.store.rows import Indexed, VideoRow
from whenabouts.store.tables import TEXTS, Tables, one_of


def write(tables: Tables, frames_name: str, state: Snapshot, items: Sequence[Indexed]) -> Change:
    """Write a batch to the tables (at most one item a path)."""
    width = _width(tables, frames_name)
    for item in items:
        _check(item, width)
    frames = {item.video.id: item.frames for item in items if item.frames is not None}
    texts = {item.video.id: item for item in items if item.texts is not None}
    pictures = {item.video.id: item.pictures for item in items if item.pictures is not None}
    gone = orphans(state, [item.video for item in items], ())

    kept_texts = _text_counts_kept(tables, state, texts)
    _clear(tables, frames_name, {*frames, *gone}, state, "frames")
    _clear(tables, TEXTS, gone, state, "texts")
    for channels, keys in _by_channels(texts).items():
        _clear(tables, TEXTS, keys, state, "texts", channels)
    tables.append(frames_name, columns.frames_table(frames, width))
    tables.append(TEXTS, columns.texts_table({k: i.texts or () for k, i in texts.items()}))

    number = state.number + 1
    contents: dict[str, Content] = {}
    for key in {item.video.id for item in items} - {""}:
        content = state.contents.get(key, Content())
        if key in frames:
            content = replace(content, frames=len(frames[key]), frames_commit=number)
        if key in texts:
            count = kept_texts.get(key, 0) + len(texts[key].texts or ())
            content = replace(content, texts=count, texts_commit=number)
        if key in pictures:
            content = replace(content, pictures=len(pictures[key]))
        contents[key] = content
    return Change(
        tables.versions(),
        files=[item.video for item in items],
        contents=contents,
        gone_contents=gone,
        pictures=pictures,
    )


def forget(tables: Tables, frames_name: str, state: Snapshot, paths: Collection[str]) -> Change:
    """Remove files, and the contents that no other file refers to."""
    gone = orphans(state, (), paths)
    for name, kind in ((frames_name, "frames"), (TEXTS, "texts")):
        _clear(tables, name, gone, state, kind)
    return Change(tables.versions(), gone_paths=paths, gone_contents=gone)


def orphans(state: Snapshot, new: Iterable[VideoRow], gone_paths: Collection[str]) -> set[str]:
    """Contents that no file refers to once `new` rows are in and `gone_paths` are out."""
    fresh = {row.path: row for row in new}
    touched = {state.files[path].id for path in (*fresh, *gone_paths) if path in state.files}
    touched -= {"", *(row.id for row in fresh.values())}
    if not touched:
        return set()
    out = {*fresh, *gone_paths}
    still = {row.id for path, row in state.files.items() if path not in out}
    return touched - still


def _clear(
    tables: Tables,
    name: str,
    keys: Collection[str],
    state: Snapshot,
    kind: str,
    channels: Collection[str] | None = None,
) -> None:
    """Delete the stored rows of some videos; costs nothing for videos that have none."""
    stored = [k for k in keys if k in state.contents and getattr(state.contents[k], kind)]
    if stored and (channels is None or channels):
        where = one_of("video", stored)
        tables.delete(
            name, where if channels is None else f"{where} AND {one_of('channel', channels)}"
        )


def _by_channels(texts: Mapping[str, Indexed]) -> dict[tuple[str, ...] | None, list[str]]:
    """Videos grouped by the channels that their new texts replace."""
    found: dict[tuple[str, ...] | None, list[str]] = {}
    for key, item in texts.items():
        found.setdefault(item.channels, []).append(key)
    return found


def _text_counts_kept(
    tables: Tables, state: Snapshot, texts: Mapping[str, Indexed]
) -> dict[str, int]:
    """How many stored texts of other channels stay, by video."""
    partly = {
        key: item.channels
        for key, item in texts.items()
        if item.channels is not None and key in state.contents and state.contents[key].texts
    }
    if not partly:
        return {}
    stored = tables.rows(TEXTS, ("video", "channel"), one_of("video", partly))
    counts: dict[str, int] = {}
    for key, channel in zip(*(column.to_pylist() for column in stored.columns), strict=True):
        if channel not in (partly[key] or ()):
            counts[key] = counts.get(key, 0) + 1
    return counts


def _width(tables: Tables, frames_name: str) -> int:
    return tables.schema(frames_name).field("vector").type.list_size


def _check(item: Indexed, width: int) -> None:
    """Refuse what would damage the library; nothing has been written yet."""
    key = item.video.id
    if not key.isprintable() or not key.isascii():
        raise InputError(f"a video id must be printable ASCII, got {key!r}")
    if not key and (item.frames, item.texts, item.pictures) != (None, None, None):
        raise InputError(f"{item.video.path!r} has contents but no video id")
    if item.frames is not None and item.frames.vectors.shape[1] != width:
        raise InputError(
            f"the library holds vectors of {width}, {item.video.path!r} brings "
            f"{item.frames.vectors.shape[1]}"
        )
    if item.channels is not None and item.texts is not None:
        strange = {row.channel for row in item.texts} - set(item.channels)
        if strange:
            raise InputError(f"texts of {strange} are outside the replaced {item.channels}")
