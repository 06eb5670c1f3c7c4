"""A video LLM of ours as the published evaluations ask one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip
from whenabouts.models.chat_text import chat_prompt

if TYPE_CHECKING:
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.systems.video_llm import Seen, VideoChat


class EvaluatedChat:
    """Looks and answers through the calls that the product uses; meets `published_run.Chat`."""

    def __init__(self, chat: VideoChat, settings: GenerateSettings | None = None) -> None:
        """`settings` say how answers are drawn; without, as the model's folder says."""
        self._chat = chat
        self._settings = settings

    @property
    def frames(self) -> FrameSettings:
        """The frames that the model wants."""
        given = self._chat.settings
        most = min(given.frames, given.sizes.frame_positions)
        # Frame numbers by the average rate: the times with which published figures were made.
        return FrameSettings(frames=most, size_px=given.pixels.size_px, clock="rate")

    def look(self, clip: VideoClip) -> Seen:
        """What the model keeps of a video."""
        return self._chat.look(clip.pixels, clip.times)

    def ask(self, questions: Sequence[tuple[Seen, str]]) -> Sequence[tuple[str, str]]:
        """For each question about a seen video: the whole prompt, and the raw answer."""
        from whenabouts.systems.video_llm import Question

        asked = [Question(seen, text) for seen, text in questions]
        answers = self._chat.ask_many(asked, self._settings)
        system = self._chat.settings.system
        return [
            (chat_prompt((), one.text, one.seen.message, system), answer.raw)
            for one, answer in zip(asked, answers, strict=True)
        ]
