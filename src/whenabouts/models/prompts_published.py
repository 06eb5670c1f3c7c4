"""The prompts with which the figures of the published systems were measured, word for word.

They are facts of those systems, slips included: another wording gives other figures. All of them
are English; our own words are in `prompts_en` and `prompts_zh`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from whenabouts.errors import InputError
from whenabouts.models.phrases import Task

System = Literal["timechat", "vtgllm"]
SLOT = "{}"
"""Where the data set's name and the query go: in this order if there are two, else the query."""

PROMPTS: Mapping[System, Mapping[Task, str]] = {
    "timechat": {
        "dense captioning": (
            "You are given a cooking video from the YouCook2 dataset. Please watch the video and "
            "extract a maximum of 10 significant cooking steps. For each step, determine the "
            "starting and ending times and provide a concise description. The format should be: "
            "'start time - end time, brief step description'. For example, ' 90 - 102 seconds, "
            "spread margarine on two slices of white bread'."
        ),
        "moment retrieval": (
            "You are given a video from the {} dataset. Please find the visual event described by "
            "a sentence in the video, determining its starting and ending times. The format should "
            "be: 'The event happens in the start time - end time'. For example, The event 'person "
            "turn a light on' happens in the 24.3 - 30.4 seonds. Now I will give you the textual "
            "sentence: {}. Please return its start time and end time."
        ),
        "highlights": (
            "You are given a video from the {} dataset. Please find the highlight moments in the "
            "video described by a sentence query, determining the highlight moment's timestamp and "
            "its saliency score. The output format should be like: 'There are 10 highlight moments "
            "in the 82, 84, 86, 88, 90, 92, 94, 96, 98, 100 second. Their saliency scores are 1.3, "
            "1.7, 1.7, 1.7, 1.7, 1.3, 1.7, 2.3, 2.3, 2.3'. Now I will give you the sentence query: "
            "{}. Please return the query-based highlight moments."
        ),
    },
    "vtgllm": {
        "dense captioning": (
            "Please locate a series of events in the video, output the start and end timestamps of "
            "each event, and describe each event in sentences. The output format of each predicted "
            'event should be as follows: "Start - End seconds, event description".'
        ),
        "moment retrieval": (
            "Find the video segment that corresponds to the given textual query '{}' and determine "
            "its start and end seconds."
        ),
        "highlights": (
            "After viewing the assigned video, identify the moments that align with the "
            "description: '{}'. Record the timecodes of these key scenes and assess their "
            "prominence using a relevance scale."
        ),
    },
}


def published_prompt(system: System, task: Task) -> str:
    """The prompt of a system for a task, with `{}` for what is filled in.

    >>> published_prompt("vtgllm", "moment retrieval")[-34:]
    'determine its start and end seconds.'
    """
    try:
        return PROMPTS[system][task]
    except KeyError:
        known = ", ".join(PROMPTS[system]) if system in PROMPTS else ", ".join(PROMPTS)
        raise InputError(
            f"no published prompt of {system!r} for {task!r}; known: {known}"
        ) from None


def read_prompt(path: Path) -> str:
    """The first line of a prompt file, without blanks at its ends: what published systems read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the prompt file {path}: {error}") from error
    line = text.partition("\n")[0].strip()
    if not line:
        raise InputError(f"the first line of {path} is empty; write the prompt there")
    return line


def filled(prompt: str, *, query: str = "", dataset: str = "") -> str:
    """The prompt with its data set and query; full stops around the query are left out.

    With a single `{}` that is the query's place (the published code puts the data set there).
    Other braces stay as they are.
    """
    values = (dataset, query.strip(".")) if prompt.count(SLOT) > 1 else (query.strip("."),)
    for value in values:
        head, slot, tail = prompt.partition(SLOT)
        if not slot:
            break
        # What was filled in must not be filled again.
        prompt = head + value.replace(SLOT, "\0") + tail
    return prompt.replace("\0", SLOT)
