"""A `Picker` on a model that follows dialogues (IVCR), with what it sees of videos kept.

Earlier turns are shown to the model as it knows them: a turn that found videos with the candidates
in the order of their numbers, a turn about a moment with its video, any other as words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from whenabouts.errors import MediaError
from whenabouts.library.facts import language_of
from whenabouts.library.kept_looks import KeptLooks
from whenabouts.library.watchers import VISUAL_TOKENS
from whenabouts.metrics.answers.dialogue import named_video
from whenabouts.models.dialogue_text import CANDIDATES, Round
from whenabouts.models.seen import Seen
from whenabouts.types import Evidence, Moment, Turn, Video

if TYPE_CHECKING:
    from whenabouts.library.library import Library
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.systems.ivcr import By, Shown
    from whenabouts.systems.video_llm import VideoChat
    from whenabouts.weights.video_llm_folder import Precision

MEMO = "picker"
"""Under this name a turn's memo has the order of the candidates and what the model wrote."""
_REMEMBERED = 64
_VIDEO = {"en": "The query matches video {k}.", "zh": "符合的是 video {k} 。"}
_MOMENT = {
    "en": "It happens in video {k} at {s:.1f}s-{e:.1f}s.",
    "zh": "在 video {k} 的 {s:.1f}s-{e:.1f}s 。",
}

OnText = Callable[[str], None]


class DialoguePicker:
    """Looks at candidates and at single videos while it follows a conversation."""

    def __init__(
        self,
        chat: VideoChat,
        folder: Path | None = None,
        *,
        by: By = "likelihood",
        answer: GenerateSettings | None = None,
        looks: KeptLooks | None = None,
    ) -> None:
        """`folder` keeps visual tokens between runs; `by` and `answer` as in `systems.ivcr`."""
        from whenabouts.systems.ivcr import DialogueChat

        self._dialogue = DialogueChat(chat, answer)
        self._looks = looks or KeptLooks(chat, folder, _REMEMBERED)
        self._by: By = by

    @property
    def name(self) -> str:
        """Name for people."""
        return self._dialogue.name

    @property
    def limit(self) -> int:
        """How many candidates it looks at."""
        return CANDIDATES

    def pick(
        self,
        turns: Sequence[Turn],
        candidates: Sequence[Moment],
        on_text: OnText | None = None,
    ) -> Turn:
        """Which candidate the last of `turns` means: it comes first, then the others as they came.

        Candidates that cannot be seen any more are not shown and cannot be picked.

        Raises:
            MediaError: none of them can be seen.
        """
        shown: list[tuple[Moment, Seen]] = []
        for one in candidates[: self.limit]:
            seen = self._see(one.video)
            if seen is not None:
                shown.append((one, seen))
        if not shown:
            raise MediaError(
                f"{self.name} could look at none of the {len(candidates[: self.limit])} first "
                "videos, as their files cannot be read; they stand as the search found them"
            )
        question = turns[-1].text
        picked = self._dialogue.pick(
            self._before(turns[:-1]), question, [seen for _, seen in shown], self._by, on_text
        )
        memo = {MEMO: {"order": [one.video.id for one, _ in shown], "said": picked.text}}
        if picked.number is None:
            return Turn("assistant", "", "videos", tuple(candidates), memo)
        chosen, _ = shown[picked.number - 1]
        text = picked.text
        if named_video(text, len(shown)) != picked.number:
            text = _VIDEO[_lang(question)].format(k=picked.number)
            memo[MEMO]["said"] = text
        share = picked.shares[picked.number - 1] if picked.shares else chosen.score
        why = Evidence("visual", share, text)
        found = Moment(
            chosen.video,
            chosen.span,
            chosen.score,
            chosen.text,
            (*chosen.evidence, why),
            chosen.curve,
            chosen.picture,
        )
        others = [one for one in candidates if one is not chosen]
        return Turn("assistant", text, "videos", (found, *others), memo)

    def point(
        self,
        turns: Sequence[Turn],
        video: Video,
        on_text: OnText | None = None,
    ) -> Turn:
        """When in `video` that happens which the last of `turns` asks for; no moment if unsaid.

        Raises:
            MediaError: it cannot be seen.
        """
        seen = self._see(video)
        if seen is None:
            raise MediaError(
                f"{self.name} could not look at {video.path.name}, as it cannot be read; the time "
                "is that of the search"
            )
        question = turns[-1].text
        number = _numbers(turns[:-1]).get(video.id, 1)
        pointed = self._dialogue.point(
            self._before(turns[:-1]), question, seen, video.duration_s, number, on_text
        )
        memo = {MEMO: {"said": pointed.text}}
        if pointed.span is None:
            return Turn("assistant", pointed.text, "moment", (), memo)
        why = Evidence("visual", 1.0, pointed.text)
        found = Moment(video, pointed.span, 1.0, question, (why,))
        return Turn("assistant", pointed.text, "moment", (found,), memo)

    def say(self, turns: Sequence[Turn], on_text: OnText | None = None) -> Turn:
        """Words alone, after `turns`, the last of which is the user's."""
        heard = self._dialogue.say(self._before(turns[:-1]), turns[-1].text, on_text)
        return Turn("assistant", heard.text, "say")

    # Earlier turns.

    def _before(self, turns: Sequence[Turn]) -> list[Shown]:
        """What the model is shown of the conversation so far."""
        found: list[Shown] = []
        numbers: dict[str, int] = {}
        asked = ""
        for turn in turns:
            if turn.role == "user":
                asked = turn.text
                continue
            found.append(self._shown(asked, turn, numbers))
            numbers |= _order(turn)
            asked = ""
        return found

    def _shown(self, asked: str, turn: Turn, numbers: dict[str, int]) -> Shown:
        from whenabouts.systems.ivcr import Shown, candidates, current

        said = str(_memo(turn).get("said", turn.text))
        lang = _lang(asked)
        if turn.moments and turn.act == "videos":
            order = _order(turn)
            videos = {one.video.id: one.video for one in turn.moments}
            seen = [self._see(videos[one]) for one in order if one in videos]
            number = order.get(turn.moments[0].video.id, 1)
            if all(seen) and len(seen) == len(order):
                if named_video(said, len(order)) != number:
                    said = _VIDEO[lang].format(k=number)
                return candidates(asked, said, [one for one in seen if one is not None])
        if turn.moments and turn.act == "moment":
            moment = turn.moments[0]
            seen = self._see(moment.video)
            number = numbers.get(moment.video.id, 1)
            if seen is not None:
                span = moment.span
                told = _MOMENT[lang].format(k=number, s=span.start_s, e=span.end_s)
                return current(asked, told, number, seen)
        return Shown(Round(asked, said))

    def _see(self, video: Video) -> Seen | None:
        """What is kept of a video; None where there is nothing and its file is gone."""
        try:
            return self._looks.look(video, video.span)
        except (MediaError, OSError):
            return None


def open_picker(
    model: str | Path,
    library: Library | None = None,
    *,
    by: By = "likelihood",
    precision: Precision = "stored",
    device: str = "auto",
) -> DialoguePicker:
    """The picker of a model's folder; what `library` has kept of videos is used, and kept there."""
    from whenabouts.systems.video_llm import open_chat

    kept = None if library is None else library.path / VISUAL_TOKENS
    return DialoguePicker(open_chat(Path(model).expanduser(), precision, device), kept, by=by)


def _memo(turn: Turn) -> dict[str, Any]:
    found = turn.memo.get(MEMO, {})
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _order(turn: Turn) -> dict[str, int]:
    """Number of each video that a turn showed."""
    if turn.act != "videos":
        return {}
    order = _memo(turn).get("order") or [one.video.id for one in turn.moments[:CANDIDATES]]
    return {str(video): number for number, video in enumerate(dict.fromkeys(order), start=1)}


def _numbers(turns: Sequence[Turn]) -> dict[str, int]:
    """The number under which each video was shown last."""
    found: dict[str, int] = {}
    for turn in turns:
        found |= _order(turn)
    return found


def _lang(text: str) -> str:
    return "zh" if language_of(text) == "zh" else "en"
