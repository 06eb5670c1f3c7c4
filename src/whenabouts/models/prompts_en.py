"""How a video LLM is asked and answers in English.

The forms of the answers are those of TimeIT and VTG-IT, which published models were trained on and
parsers read. The questions are our own words.
"""

from __future__ import annotations

from whenabouts.models.phrases import Phrases

ENGLISH = Phrases(
    questions={
        "dense captioning": (
            "Go through the video and tell each thing that happens, with the seconds in which it "
            "begins and ends.",
            "Which events does this video show? Give the start and end second and a sentence each.",
            "Split the video into its events. For every one of them, say when it starts and ends "
            "and what can be seen.",
            "List what happens in the video in order of time, each entry with its time span and a "
            "short description.",
            "Write a timeline of this video: from which second to which second, and what goes on.",
            "Mark all events of the video by their first and last second and describe them one by "
            "one.",
        ),
        "moment retrieval": (
            "When does this happen in the video: '{query}'? Name the first and the last second.",
            "During which seconds can '{query}' be seen?",
            "Look for the part of the video that fits '{query}' and tell its start and end in "
            "seconds.",
            "'{query}': give the stretch of the video in which this takes place.",
            "At which time of the video does '{query}' occur?",
            "Find '{query}' in the video and return the seconds.",
        ),
        "step localisation": (
            "Which steps are carried out in the video? Name each with its start and end second.",
            "Break the video down into the steps of the task and tell when each begins and ends.",
            "Follow what is being done, step by step, and give every step its time span.",
            "List the actions of this how-to video in order, each with its seconds.",
            "From when to when does each step of the video last? Label them briefly.",
            "Find all steps shown, and for each give the time it takes up and a short label.",
        ),
        "highlights": (
            "Which moments of the video show '{query}' best? Name their seconds and rate each.",
            "Pick the seconds that matter most for '{query}' and score how well each of them fits.",
            "Someone looks for '{query}'. Give the best moments of the video with their scores.",
            "Find the highlights for '{query}': the time of each and how salient it is.",
            "Rate the moments of this video that have to do with '{query}', and tell their times.",
            "For '{query}', list the seconds worth watching, each with a score.",
        ),
        "summarisation": (
            "Which moments sum up this video? Name their seconds and how important each is.",
            "Choose the seconds to keep in a short version of the video, and score them.",
            "Shorten the video to its key moments: give their times and an importance from 1 to 5.",
            "If only a few seconds could stay, which should they be? Rate each of them.",
            "Find the most important seconds of the video and tell how important they are.",
            "Make a summary of the video as a list of seconds with scores.",
        ),
        "speech": (
            "What is said in the video? Write it down with the seconds.",
            "Write a transcript of this video, with the start and end of each sentence.",
            "Tell what the people in the video say, and when.",
            "Put the speech of the video into text, each piece with its time span.",
            "Give the spoken words of the video, sentence by sentence, with their seconds.",
            "Which words are spoken in the video, and when?",
        ),
    },
    end_word="end",
    event="{start} - {end} seconds, {text}.",
    event_at="{time} seconds, {text}.",
    stop=".",
    between=" ",
    wide_between="  ",
    span="The given query happens in {start} - {end} seconds.",
    span_at="The given query happens in {time} seconds.",
    absent="The given query does not happen in the video.",
    peaks="There are {count} highlight moments in the {times} second. "
    "Their saliency scores are {scores}.",
    summary="The highlight timestamps are in the {times} seconds. "
    "Their saliency scores are {scores}.",
    peak="{time} seconds, significance score: {score}, {text}.",
    comma=", ",
    speech="Transcribed speech: {lines}",
    line="{start} - {end} seconds, {text}.",
    no_speech="None.",
    with_speech="Transcribed speech: {speech} Based on the video content and possible transcribed "
    "speech, {question}",
    formats={
        "dense captioning": " Write each event as: 'start - end seconds, description'.",
        "moment retrieval": " Answer in the form: 'start - end seconds, description'.",
        "highlights": " Write each moment as: 'time seconds, significance score: number, text'.",
        "summarisation": " Write each moment as: 'time seconds, significance score: number, text'.",
    },
    summaries=(
        "A moment that the video is about",
        "One of the moments to remember",
        "What a short version has to keep",
        "A key moment of the video",
        "A moment that stands out",
        "Part of the core of the video",
        "A moment worth watching",
        "One of the main moments",
        "What the video comes down to",
    ),
    describe="What does this video show? Describe it in a sentence or two.",
)
"""All phrases in English."""
