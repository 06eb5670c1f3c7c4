"""METEOR and the Penn Treebank tokenizer as the published figures use them: Java programs.

Both jars come with the Python package `pycocoevalcap`; nothing of its code is imported. Nothing
here starts before it is asked for, and a missing part is said by name.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

from whenabouts.errors import InputError, MissingPartError

_METEOR = "meteor/meteor-1.5.jar"
_TOKENIZER = "tokenizer/stanford-corenlp-3.4.1.jar"
_CHUNK = 64
"""Lines sent before the answers are read: both together must fit into the pipes."""
_STOPPED = (
    "METEOR stopped before it answered; does `java -jar meteor-1.5.jar` run, and are 2 GB of "
    "memory free?"
)

DROPPED = frozenset(["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"])
"""Tokens that caption figures leave out. Bracket codes stay: lower-cased, they are not in the
published list of capitals."""


class JavaTools(NamedTuple):
    """Where the programs are."""

    java: str
    folder: Path
    """Holds `meteor/` and `tokenizer/`, as `pycocoevalcap` lays them out."""


def find_java_tools(folder: Path | None = None) -> JavaTools:
    """The programs in `folder`, else those of the installed package; an error names what lacks."""
    java = shutil.which("java")
    if java is None:
        raise MissingPartError(
            "METEOR and SODA_c need Java, and there is no `java` on the path; install a Java "
            "runtime, or score without METEOR"
        )
    if folder is None:
        found = find_spec("pycocoevalcap")
        if found is None or not found.submodule_search_locations:
            raise MissingPartError(
                "METEOR needs meteor-1.5.jar, and the package that brings it is not installed: "
                "pip install 'whenabouts[captions]', name its folder with --jars, or score "
                "without METEOR"
            )
        folder = Path(found.submodule_search_locations[0])
    missing = [name for name in (_METEOR, _TOKENIZER) if not (folder / name).is_file()]
    if missing:
        raise MissingPartError(f"{folder} has no {missing[0]}; reinstall pycocoevalcap")
    return JavaTools(java, folder)


def java_tokens(tools: JavaTools, captions: Sequence[str]) -> list[list[str]]:
    """Tokens of each caption by Stanford CoreNLP 3.4.1, lower case, without punctuation."""
    if not captions:
        return []
    command = [tools.java, "-cp", str(tools.folder / _TOKENIZER)]
    command += ["edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"]
    # One caption a line, whatever Java takes for the end of one.
    text = "\n".join(" ".join(caption.splitlines()) for caption in captions)
    done = subprocess.run(
        [*command, "-encoding", "UTF-8"], input=text.encode(), capture_output=True, check=False
    )
    lines = done.stdout.decode().rstrip("\n").split("\n")
    if done.returncode or len(lines) < len(captions):
        lines += [""] * (len(captions) - len(lines))
        if done.returncode:
            raise MissingPartError(f"the Java tokenizer failed: {done.stderr.decode()[-300:]}")
    return [[token for token in line.split() if token not in DROPPED] for line in lines]


class Meteor:
    """METEOR 1.5, English, normalised: one Java process as long as the block lasts.

    Use as a context manager. Texts are PTB tokens joined by blanks.
    """

    def __init__(self, tools: JavaTools) -> None:
        self._tools = tools
        self._process: subprocess.Popen[str] | None = None
        self._stats: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Meteor:
        jar = self._tools.folder / _METEOR
        self._process = subprocess.Popen(
            [self._tools.java, "-jar", "-Xmx2G", str(jar), "-", "-", "-stdio", "-l", "en", "-norm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def each(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """A score a pair of (prediction, reference), in [0, 1]."""
        known = dict.fromkeys(pairs)
        scores: dict[tuple[str, str], float] = {}
        unique = list(known)
        for start in range(0, len(unique), _CHUNK):
            part = unique[start : start + _CHUNK]
            scores |= dict(zip(part, self._scores(part)[:-1], strict=True))
        return [scores[pair] for pair in pairs]

    def together(self, pairs: Sequence[tuple[str, str]]) -> float:
        """One score of all pairs, in [0, 1], from their added counts."""
        return self._scores(pairs)[-1] if pairs else 0.0

    def _scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self._count([pair for pair in dict.fromkeys(pairs) if pair not in self._stats])
        stats = " ||| ".join(self._stats[pair] for pair in pairs)
        return [float(line) for line in self._ask([f"EVAL ||| {stats}"], len(pairs) + 1)]

    def _count(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Have the matches of new pairs counted; METEOR adds these up."""
        for start in range(0, len(pairs), _CHUNK):
            part = pairs[start : start + _CHUNK]
            lines = [f"SCORE ||| {_plain(true)} ||| {_plain(told)}" for told, true in part]
            self._stats |= dict(zip(part, self._ask(lines, len(part)), strict=True))

    def _ask(self, lines: Sequence[str], answers: int) -> list[str]:
        if self._process is None:
            raise InputError("METEOR is not running; use it inside `with Meteor(tools) as meteor`")
        sent, read = self._process.stdin, self._process.stdout
        assert sent is not None and read is not None
        try:
            sent.write("".join(f"{line}\n" for line in lines))
            sent.flush()
        except BrokenPipeError:
            raise MissingPartError(_STOPPED) from None
        return [_line(read) for _ in range(answers)]


def _line(read: IO[str]) -> str:
    line = read.readline()
    if not line:
        raise MissingPartError(_STOPPED)
    return line.strip()


def _plain(text: str) -> str:
    """Text that cannot break the line protocol."""
    return " ".join(text.replace("|||", " ").split())
