"""How a library stands as JSON: `whenabouts status --json` and the REST call say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whenabouts.library.about import Status
    from whenabouts.library.events import Failure


def status_json(found: Status) -> dict[str, object]:
    """The keys that docs/json.md lists under `status`."""

    def listed(failures: tuple[Failure, ...]) -> list[dict[str, str]]:
        return [{"path": str(f.path), "reason": f.reason} for f in failures]

    return {
        "library": str(found.path),
        "folders": list(found.folders),
        "encoder": {
            "name": found.info.encoder.name,
            "fingerprint": found.info.encoder.fingerprint,
            "width": found.info.encoder.width,
        },
        "format": found.info.format,
        "files": found.info.videos,
        "contents": found.info.contents,
        "kinds": dict(found.kinds),
        "length_s": found.length_s,
        "frames": found.info.frames,
        "texts": found.info.texts,
        "pictures": found.info.pictures,
        "due": dict(found.due),
        "failed": listed(found.failed),
        "partial": listed(found.partial),
        "missing": list(found.missing),
    }
