"""Naming the content of new and changed files: moves and copies cost no decoding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from whenabouts.library.events import Failure, Listener, Report
from whenabouts.library.facts import FIRST_CHANNELS, Facts, names_of
from whenabouts.library.job import Job
from whenabouts.library.outcome import failed_rows, why
from whenabouts.library.plan import SIDECAR_TAG, Plan
from whenabouts.library.stage import Stage
from whenabouts.library.walk import Found
from whenabouts.media.probe import content_id
from whenabouts.store.rows import Indexed, Status, TextRow, VideoRow
from whenabouts.store.store import Store


@dataclass(slots=True)
class _Changes:
    """What the look found, gathered so that it is one commit."""

    rows: dict[str, VideoRow] = field(default_factory=dict[str, VideoRow])
    """Rows to write, by path."""
    left: set[str] = field(default_factory=set[str])
    """Paths that files moved away from."""
    named: set[str] = field(default_factory=set[str])
    """Contents with other names than before."""
    retold: list[Indexed] = field(default_factory=list[Indexed])
    fresh: dict[str, list[Found]] = field(default_factory=dict[str, list[Found]])
    """Contents that are not in the library, and where they lie."""


def look(store: Store, plan: Plan, report: Report, listener: Listener) -> list[Job]:
    """Settle everything that needs no decoding, in one commit; what is left are the jobs."""
    stage = Stage("look", len(plan.look), 0.0, listener)
    by_path = {row.path: row for row in store.videos()}
    by_content = {row.id: row for row in by_path.values() if row.status != "failed"}
    here = {found.path for found in plan.look} | {row.path for row in plan.back}
    flagged = {r.path: r for r in by_path.values() if r.status == "missing" and r.path not in here}
    lost = {row.path: row for row in plan.gone} | flagged
    changes = _Changes()
    for row in plan.back:
        changes.rows[row.path] = replace(row, status=_present(row))
    for found in plan.look:
        try:
            content = content_id(Path(found.path))
        except Exception as error:  # noqa: BLE001 - whatever one file does, the run goes on
            _fail(found, error, changes, report)
            stage.failed(found.path, 0.0, why(error))
            continue
        known = by_content.get(content)
        if known is None:
            changes.fresh.setdefault(content, []).append(found)
        else:
            _settle(found, known, by_path, lost, changes, report)
        stage.done(found.path, 0.0)
    missing = {row.path: row for row in plan.gone if row.path in lost}
    report.missing += len(missing)
    changes.rows |= {path: replace(row, status="missing") for path, row in missing.items()}
    for row, found in plan.retold:
        changes.retold.append(_retell(row, found, report))
    _write(store, by_path, changes)
    report.stage_s["look"] = stage.close()
    return [
        Job(
            content,
            files=tuple(files),
            known=frozenset(found.path for found in files if found.path in by_path),
        )
        for content, files in changes.fresh.items()
    ]


def _fail(found: Found, error: Exception, changes: _Changes, report: Report) -> None:
    reason = why(error)
    if Path(found.path).exists():
        changes.rows[found.path] = failed_rows([found], reason)[0]
    else:
        reason = "vanished while it was indexed"
    report.failed.append(Failure(Path(found.path), reason))


def _settle(
    found: Found,
    known: VideoRow,
    by_path: dict[str, VideoRow],
    lost: dict[str, VideoRow],
    changes: _Changes,
    report: Report,
) -> None:
    """A file whose content is stored: it was touched, moved, copied, or took another's content."""
    row = replace(
        known,
        path=found.path,
        size=found.size,
        mtime_ns=found.mtime_ns,
        status=_present(known),
    )
    before = by_path.get(found.path)
    old = next((path for path, other in lost.items() if other.id == known.id), None)
    if before is not None and before.id == known.id:
        report.unchanged += 1
    elif old is not None:
        del lost[old]
        changes.left.add(old)
        report.moved += 1
    else:
        report.changed += before is not None
        report.copies += before is None
    if known.tags.get(SIDECAR_TAG, "") != found.sidecars:
        changes.retold.append(_retell(row, found, report))
    else:
        changes.rows[found.path] = row
    changes.named.add(known.id)


def _retell(row: VideoRow, found: Found, report: Report) -> Indexed:
    """Names, tags and subtitles anew; what pictures and sound said stays."""
    try:
        facts = Facts(row.id, [found])
    except Exception as error:  # noqa: BLE001 - the pictures are stored; only words are lost
        reason = why(error)
        report.partial.append(Failure(Path(row.path), reason))
        return Indexed(replace(row, status="partial", reason=reason))
    fresh = facts.rows[0]
    report.notes += [f"{Path(row.path).name}: {note}" for note in facts.notes]
    told = replace(
        row,
        tags=fresh.tags,
        langs=tuple(dict.fromkeys((*row.langs, *fresh.langs))),
        has_speech=row.has_speech or fresh.has_speech,
    )
    return Indexed(told, texts=facts.texts, channels=FIRST_CHANNELS)


def _write(store: Store, by_path: dict[str, VideoRow], changes: _Changes) -> None:
    """One commit for all; the old paths of moved files go after their new ones are in."""
    now = by_path | changes.rows | {item.video.path: item.video for item in changes.retold}
    batch = {path: Indexed(row) for path, row in changes.rows.items()}
    batch |= {item.video.path: item for item in changes.retold}
    retold = {item.video.id for item in changes.retold if item.texts is not None}
    for content in changes.named - retold:
        rows = [r for p, r in now.items() if r.id == content and p not in changes.left]
        names = dict.fromkeys(name for row in rows for name in names_of(row.path))
        texts = tuple(TextRow(0.0, rows[0].duration_s, "name", "", name) for name in names)
        batch[rows[0].path] = Indexed(rows[0], texts=texts, channels=("name",))
    if batch:
        store.put(batch.values())
    if changes.left:
        store.remove(changes.left)


def _present(row: VideoRow) -> Status:
    """The status of a file that is on disk (again)."""
    return "partial" if row.reason else "ok"
