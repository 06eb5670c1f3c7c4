"""A served language model and a SeViLA that answer at once and tell how they were asked."""

from __future__ import annotations

from typing import Any, ClassVar

from whenabouts.library.watcher_pool import Watched, WatcherPool
from whenabouts.protocols import Chosen, Told
from whenabouts.types import Curve, Moment, Span, Turn

ALL = ("ground", "highlights", "caption", "ask", "locate")


class TellingPool(WatcherPool):
    """Known are `frames`, `talker` and `locator`; what reaches them is in `asked`."""

    asked: ClassVar[list[dict[str, Any]]] = []

    def known(self):
        talker = Watched("talker", "video-llm", "a stand-in", ALL)
        locator = Watched("locator", "sevila", "a stand-in", ALL)
        return [*super().known(), talker, locator]

    def watcher(self, name="", answer=None, frames=None):
        if name not in ("talker", "locator"):
            return super().watcher(name, answer, frames)
        asked = {"model": name, "answer": answer, "frames": frames}
        self.asked.append(asked)
        return (Talker if name == "talker" else Locator)(name, asked)


class Talker:
    """Answers in words, with a moment."""

    def __init__(self, name, asked):
        self.name, self._asked = name, asked

    def _told(self, video, text):
        moment = Moment(video, Span(4.0, 8.0), 0.9, "the middle")
        return Told(Turn("assistant", text, "answer", (moment,)), None, ("a note",))

    def ground(self, video, query, within=None):
        self._asked.update(do="ground", query=query)
        return self._told(video, "4.0 to 8.0")

    def highlights(self, video, query=""):
        self._asked.update(do="highlights", query=query)
        curve = Curve((0.0, 2.0, 4.0, 6.0), (0.1, 0.2, 0.9, 0.3))
        return Told(self._told(video, "").turn, curve)

    def captions(self, video, lang="en"):
        self._asked.update(do="captions", lang=lang)
        return self._told(video, "a caption")

    def tell(self, video, question, history=(), on_text=None):
        said = [turn.text for turn in history]
        self._asked.update(do="tell", question=question, history=said, grows=on_text is not None)
        if on_text is not None:
            on_text("half an")
        return self._told(video, f"<b>answer</b> {len(history)}")


class Locator(Talker):
    """Answers from key frames."""

    def ask(self, video, question, options=(), key_frames=None):
        self._asked.update(do="ask", question=question, options=list(options), keys=key_frames)
        times = tuple(float(at) for at in range(key_frames or 4))
        told = self._told(video, options[1] if options else "in words")
        chances = tuple(1 / len(options) for _ in options)
        curve = Curve((0.0, 4.0, 8.0), (0.1, 0.9, 0.2))
        return Chosen(told.turn, curve, (), 1 if options else None, 0.8, True, chances, times)
