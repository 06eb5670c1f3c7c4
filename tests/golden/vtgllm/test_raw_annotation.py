"""Raw lines of VTG-IT become the answers of the published converters."""

import re

import pytest

from whenabouts.data.instruct.raw_events import RawSettings, file_name, raw_record

pytestmark = pytest.mark.golden("vtgllm/raw_annotation*")

NUMBERS_THAT_BREAK = re.compile(r"\d\.0\d|(?<![\d:.])(?:\d{4}|0\d(?![\d:]))")
"""The published scripts cut a zero out of 3.05, 1005 and 05."""
CAPTION = re.compile(r"(significance score: [\d.]+, )[^.]*\.")


def told(entry) -> list[tuple[str, list[str]]]:
    return [(record["video"], record["answers"]) for record in entry["records"]]


def mine(kind, line, **settings) -> list[tuple[str, list[str]]]:
    record = raw_record(line, kind, settings=RawSettings(**settings))
    return [] if record is None else [(record.video, [answer for _, answer in record.turns])]


def comparable(kind, records):
    """The caption of a summary is drawn at random: only what stands before it counts."""
    if kind != "vs":
        return records
    return [(video, [CAPTION.sub(r"\1", a) for a in answers]) for video, answers in records]


def test_the_published_reading(case):
    for kind, entries in case.facts["results"].items():
        for entry in entries:
            found = mine(kind, entry["raw_line"], faults=True)
            if kind == "vhd" or (kind == "vs" and not entry["records"]):
                found = [record for record in found if record[1]]
            assert comparable(kind, found) == comparable(kind, told(entry)), entry["raw_line"]
            assert file_name(kind, len(entry["records"])) == entry["file_name"]


def test_our_reading_differs_only_where_the_published_one_fails(case):
    for kind, entries in case.facts["results"].items():
        for entry in entries:
            found, theirs = mine(kind, entry["raw_line"]), told(entry)
            empty = [record for record in theirs if not any(record[1])]
            garbled = re.search(r"\d:\d\d minutes", entry["raw_line"])
            if empty:
                assert found == [], "nothing is asked where nothing is answered"
            elif garbled:
                assert found != theirs
                assert re.match(r"90 - 120 seconds|\d+ - \d+ seconds, [a-z]", found[0][1][0])
            elif not NUMBERS_THAT_BREAK.search(entry["raw_line"]):
                assert comparable(kind, found) == comparable(kind, theirs)
