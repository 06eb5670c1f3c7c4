"""The text around a video and its questions, for training and for use: LLaMA-2's chat template.

Published models were trained on one spacing and are asked with another; both are kept. A turn is a
pair of question and answer. `message` is the sentence that lists the times of the frames, with its
trailing blank (`frame_times.video_sentence`, or its form with time tokens).
"""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.models.llama_tokens import IMAGE, LlamaTokens

CHAT_SYSTEM = (
    "You are able to understand the visual content that the user provides. "
    "Follow the instructions carefully and explain your answers in detail."
)
TRAINING_SYSTEM = " "
IGNORED = -100
"""The label of positions that are not learnt."""
_OPEN, _CLOSE = "[INST]", "[/INST]"
_START, _END = "<s>", "</s>"

Turns = Sequence[tuple[str, str]]


def training_text(
    turns: Turns, message: str, video_tokens: int, system: str = TRAINING_SYSTEM
) -> str:
    """All turns of one video as the network learns them."""
    video = f"<Video>{IMAGE * video_tokens}</Video> {message}"
    rounds = [
        f"{_OPEN} {question} {_CLOSE} {answer} {_END}"
        for question, answer in _with_first(turns, _system(system) + video)
    ]
    return _START.join(rounds)


def training_ids(text: str, tokens: LlamaTokens, limit: int) -> tuple[list[int], list[int]]:
    """Ids of a training text, at most `limit`, and the labels: answers with their end alone.

    Lengths come from each round on its own, as in the references: the space piece in front of
    `</s>` counts as answer. A round that has not exactly one `[/INST] ` ends what is learnt.
    """
    ids = tokens.encode(text)[:limit]
    labels = [IGNORED] * len(ids)
    at = 1
    for spoken in text.split(_END):
        question, mark, answer = spoken.partition(f"{_CLOSE} ")
        if not mark or f"{_CLOSE} " in answer:
            break
        length = len(tokens.encode(spoken))
        first = at + len(tokens.encode(question + mark)) - 2
        labels[first : at + length] = ids[first : at + length]
        at += length
    return ids, labels


def chat_prompt(turns: Turns, question: str, message: str, system: str = CHAT_SYSTEM) -> str:
    """A question behind the turns before it, all about one video whose place is `<ImageHere>`."""
    video = f"<Video>{IMAGE}</Video> {message} "
    asked = [*((harmless(question), answer) for question, answer in turns)]
    rounds = _with_first([*asked, (harmless(question), "")], _system(system) + video)
    spoken = [
        f"{_OPEN} {question} {_CLOSE}" + (f" {answer} {_END}" if answer else "")
        for question, answer in rounds
    ]
    return _START.join(spoken)


def chat_segments(prompt: str, tokens: LlamaTokens) -> list[list[int]]:
    """Ids of the text before and after the video, each tokenised on its own."""
    return [tokens.encode(part, start=place == 0) for place, part in enumerate(prompt.split(IMAGE))]


def trained_segments(
    turns: Turns, question: str, message: str, tokens: LlamaTokens
) -> list[list[int]]:
    """As `chat_segments`, but spaced and tokenised as the texts that were learnt."""
    asked = [*((harmless(question), answer) for question, answer in turns)]
    text = training_text([*asked, (harmless(question), "")], message, 1)
    ids = tokens.encode(text[: text.rindex(_CLOSE) + len(_CLOSE)])
    place = ids.index(tokens.image_id)
    return [ids[:place], ids[place + 1 :]]


def answer_of(text: str) -> str:
    """What was answered, from the decoded ids: up to `</s>`, behind a last `ASSISTANT:`."""
    return text.partition(_END)[0].rpartition("ASSISTANT:")[2].strip()


def _system(text: str) -> str:
    return f"<<SYS>>\n{text}\n<</SYS>>\n\n"


def _with_first(turns: Turns, before: str) -> list[tuple[str, str]]:
    """The turns, the first question with `before` in front of it."""
    return [
        (before + question if place == 0 else question, answer)
        for place, (question, answer) in enumerate(turns)
    ]


def harmless(typed: str, marks: Sequence[str] = (IMAGE, _START, _END)) -> str:
    """What a person typed, with no mark in it that parts the text."""
    for mark in marks:
        typed = typed.replace(mark, f"{mark[0]} {mark[1:]}")
    return typed
