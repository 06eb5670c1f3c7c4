"""Getting an encoder from the hub: only when asked, resumable, every byte checked.

The hub library drops a half-fetched file when it is stopped; at a gigabyte each that is too dear,
so files are streamed here and go on where they ended.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from whenabouts.errors import InputError, MissingPartError, WeightsError
from whenabouts.weights import hub
from whenabouts.weights.convert import convert

Progress = Callable[[int, int], None]
"""Called with the bytes here and the bytes in all."""

_ATTEMPTS = 5
_SMALL = (
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "open_clip_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "merges.txt",
)
_TOWERS = ("onnx/vision_model.onnx", "onnx/text_model.onnx")
_WEIGHTS = (
    "model.safetensors",
    "open_clip_model.safetensors",
    "pytorch_model.bin",
    "open_clip_pytorch_model.bin",
)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a model on the hub."""

    path: str
    size_bytes: int
    sha256: str
    """Empty for small files, which the hub only names by `git_sha1`."""
    git_sha1: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What getting a model would fetch; shown to a person before anything is."""

    name: str
    source: str
    """Hub name it comes from."""
    revision: str
    licence: str
    files: tuple[RemoteFile, ...]
    endpoint: str | None = None

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)


def plan(name: str, *, endpoint: str | None = None) -> Plan:
    """Ask the hub what the model `name` consists of; fetches no file.

    ONNX towers are taken where the hub has them, weights where torch is here to convert them.
    """
    hub.folder_of(name)  # Refuses what cannot be a name before anybody is asked.
    has_torch = find_spec("torch") is not None
    twin = next((model.onnx for model in hub.known() if model.name == name), "")
    facts = _ask(name if has_torch or not twin else twin, endpoint)
    files = {file.path: file for file in facts.files}
    wanted = choose(files, weights=has_torch)
    if not wanted:
        raise MissingPartError(
            f"{name} has no files that can be used here; ONNX towers are used as they are, weights "
            "as .safetensors or .bin need torch: pip install 'whenabouts[torch]'"
        )
    return replace(facts, name=name, files=tuple(files[path] for path in wanted))


def fetch(planned: Plan, progress: Progress) -> Path:
    """Fetch, check and convert; returns the model's folder. Stopped, it goes on another time."""
    draft = hub.unfinished(planned.name)
    draft.mkdir(parents=True, exist_ok=True)
    left = planned.size_bytes - sum(
        path.stat().st_size for path in draft.rglob("*") if path.is_file()
    )
    free = shutil.disk_usage(draft).free
    if free < left + planned.size_bytes:
        raise InputError(
            f"{planned.name} needs {(left + planned.size_bytes) / 1e9:.1f} GB for a while, but "
            f"{draft} has {free / 1e9:.1f} GB free; free some, or set WHENABOUTS_MODELS"
        )
    done = 0
    for file in planned.files:
        report = partial(_report, progress, done, planned.size_bytes)
        _bring(planned, file, draft, report)
        done += file.size_bytes
    known = {model.name: model for model in hub.known()}
    languages = known[planned.name].languages if planned.name in known else ("en",)
    target = hub.folder_of(planned.name)
    convert(draft, target, name=planned.name, licence=planned.licence, languages=languages)
    shutil.rmtree(draft)
    return target


def choose(paths: Iterable[str], *, weights: bool) -> tuple[str, ...]:
    """The files needed out of all `paths` of a model; empty when they would not do.

    `weights` says whether weights can be converted here.
    """
    have = set(paths)
    small = [path for path in _SMALL if path in have]
    if have.issuperset(_TOWERS):
        towers = [path for path in sorted(have) if path.startswith(_TOWERS)]
        return (*small, *towers)
    if not weights:
        return ()
    for stem in _WEIGHTS:
        if stem in have:
            return (*small, stem)
        index = f"{stem}.index.json"
        if index in have:
            base, suffix = stem.rsplit(".", 1)
            shards = [p for p in sorted(have) if p.startswith(f"{base}-") and p.endswith(suffix)]
            return (*small, index, *shards)
    return ()


def _report(progress: Progress, before: int, total: int, here: int) -> None:
    progress(before + here, total)


def _ask(source: str, endpoint: str | None) -> Plan:
    """All files of a model on the hub."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        info = HfApi(endpoint=endpoint).model_info(source, files_metadata=True, timeout=20)
    except GatedRepoError as error:
        raise MissingPartError(
            f"{source} is only given to people who accepted its terms; accept them on its page, "
            "then log in with `hf auth login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise InputError(f"the hub has no model {source!r}; check owner and name") from error
    except Exception as error:
        raise MissingPartError(
            f"the hub cannot be asked for {source} ({type(error).__name__}); get it on a machine "
            "with a network and copy the folder, or give --encoder a local path"
        ) from error
    card: Any = info.card_data or {}
    files = tuple(
        RemoteFile(
            sibling.rfilename,
            sibling.size or 0,
            sibling.lfs.sha256 if sibling.lfs else "",
            sibling.blob_id or "",
        )
        for sibling in info.siblings or ()
    )
    licence = str(card.get("license") or "unknown")
    return Plan(source, source, info.sha or "main", licence, files, endpoint)


def _bring(planned: Plan, file: RemoteFile, draft: Path, here: Callable[[int], None]) -> None:
    """One file into `draft`, from where it ended the last time."""
    parts = PurePosixPath(file.path).parts
    if ".." in parts or file.path.startswith("/"):
        raise WeightsError(f"the hub lists a file outside of its folder: {file.path!r}")
    target = draft.joinpath(*parts)
    if target.is_file() and target.stat().st_size == file.size_bytes:
        here(file.size_bytes)
        return
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    _stream(planned, file, part, here)
    if not _is_whole(part, file):
        part.unlink()
        raise WeightsError(f"{file.path} arrived damaged (its checksum is another); get it again")
    part.rename(target)


def _stream(
    planned: Plan,
    file: RemoteFile,
    part: Path,
    here: Callable[[int], None],
    attempts: int = _ATTEMPTS,
) -> None:
    """Append to `part` until it has all bytes; a broken connection is tried a few times."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers, get_session

    size = part.stat().st_size if part.is_file() else 0
    if size >= file.size_bytes > 0:
        return None
    url = hf_hub_url(
        planned.source, file.path, revision=planned.revision, endpoint=planned.endpoint
    )
    headers = build_hf_headers() | {"Accept-Encoding": "identity"}
    if size:
        headers["Range"] = f"bytes={size}-"
    try:
        with get_session().stream("GET", url, headers=headers, timeout=60) as answer:
            answer.raise_for_status()
            again = answer.status_code != 206  # The whole file comes, whatever was asked.
            with part.open("wb" if again else "ab") as out:
                # As they come: gathering larger chunks would lose them when the line breaks.
                for chunk in answer.iter_bytes():
                    out.write(chunk)
                    here(out.tell())
    except Exception as error:
        if attempts > 1:
            return _stream(planned, file, part, here, attempts - 1)
        raise MissingPartError(
            f"{file.path} of {planned.source} could not be fetched to its end ({error}); what is "
            "here is kept, run the same command again"
        ) from error


def _is_whole(part: Path, file: RemoteFile) -> bool:
    """Size and checksum are those that the hub told."""
    size = part.stat().st_size
    if size != file.size_bytes:
        return False
    if file.sha256:
        with part.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest() == file.sha256
    if file.git_sha1:
        # How git names contents; not a matter of security here.
        named = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        named.update(part.read_bytes())
        return named.hexdigest() == file.git_sha1
    return True
