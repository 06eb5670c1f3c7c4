"""Conversations over REST: the same files as in the terminal, each taken by one turn at a time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whenabouts.app.serve.problems import ConflictError, NotFoundError
from whenabouts.dialogue import saved
from whenabouts.dialogue.conversation import Conversation
from whenabouts.errors import InputError
from whenabouts.protocols import Brain
from whenabouts.types import Turn

CHAT_ID = r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$"
"""Pattern of the id of a conversation."""
OPEN = 64
"""Conversations in memory; the others are on disk."""
MOST_TURNS = 400
"""Turns of one conversation."""


@dataclass(slots=True, eq=False)
class Chat:
    """A conversation that is open."""

    talk: Conversation
    changed_s: float = field(default_factory=time.time)
    busy: threading.Lock = field(default_factory=threading.Lock)

    def to_json(self) -> dict[str, Any]:
        """As the calls tell it."""
        turns = self.talk.turns
        title = next((turn.text for turn in turns if turn.role == "user"), "")
        return {
            "id": self.talk.id,
            "title": title[:80],
            "changed_s": self.changed_s,
            "turns": [turn_json(turn) for turn in turns],
        }

    def say(self, text: str, on_text: Callable[[str], None]) -> Turn:
        """The answer; both turns are on disk when it returns."""
        if len(self.talk.turns) >= MOST_TURNS:
            raise ConflictError(f"the conversation has {MOST_TURNS} turns; begin a new one")
        turn = self.talk.say(text, on_text)
        self.changed_s = time.time()
        return turn


def turn_json(turn: Turn) -> dict[str, Any]:
    """A turn, and what it asks its reader to do; the rest of its memo is its author's."""
    values = {key: value for key, value in turn.to_json().items() if key != "memo"}
    return {**values, "request": turn.memo.get("request")}


class Chats:
    """The conversations of one library."""

    def __init__(self, library: Path, brain: Callable[[], Brain]) -> None:
        self._library, self._brain = library, brain
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Chat] = OrderedDict()

    def new(self) -> Chat:
        """An empty conversation; it comes on disk with its first turn."""
        return self._kept(Chat(Conversation(self._brain(), saved=saved.new(self._library))))

    def get(self, id_: str) -> Chat:
        """The conversation with an id."""
        with self._lock:
            if id_ in self._open:
                self._open.move_to_end(id_)
                return self._open[id_]
        file = self._library / saved.FOLDER / f"{id_}.jsonl"
        try:
            turns, _ = saved.read(file)
            changed_s = file.stat().st_mtime
        except (OSError, InputError) as error:
            raise NotFoundError(f"there is no conversation {id_}; see /api/v1/chats") from error
        talk = Conversation(self._brain(), turns, saved=saved.Saved(file))
        return self._kept(Chat(talk, changed_s))

    def remove(self, id_: str) -> None:
        """Forget a conversation."""
        self.get(id_)
        with self._lock:
            self._open.pop(id_, None)
            (self._library / saved.FOLDER / f"{id_}.jsonl").unlink(missing_ok=True)

    def latest(self, limit: int) -> list[dict[str, Any]]:
        """The newest first, without their turns."""
        return [
            {"id": one.id, "title": one.title, "changed_s": one.changed_s}
            for one in saved.every(self._library)[:limit]
        ]

    def _kept(self, chat: Chat) -> Chat:
        with self._lock:
            kept = self._open.setdefault(chat.talk.id, chat)
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
            return kept
