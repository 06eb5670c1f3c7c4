"""The chosen option in a free-text answer to a multiple-choice question, benchmark by benchmark.

None where no option is named: that is wrong, and not a reason to guess as the published scripts do.
"""

from __future__ import annotations

import re

_PARENTHESES = re.compile(r"\(\s*([A-D])\s*\)")


def egoschema(answer: str) -> int | None:
    """0 to 4: the first capital A to E anywhere ("Because" is B); as EgoSchema is scored."""
    found = re.search(r"[A-E]", answer)
    return "ABCDE".index(found.group()) if found else None


def videomme(answer: str) -> str | None:
    """A to D: the first capital letter in parentheses, as VideoMME is scored."""
    found = _PARENTHESES.search(answer)
    return found.group(1) if found else None


def mvbench(answer: str, truth: str) -> bool:
    """Whether the first line of `answer` names the option of `truth`, "(A) text".

    What stands between the first parentheses counts, `a` where there are none; one of the two
    options must hold the other. As MVBench is scored.
    """
    option = truth.lower().split()[0]
    line = answer.strip().split("\n")[0].lower()
    named = line.partition("(")[2].partition(")")[0] if "(" in line else "a"
    told = f"({named})"
    return told in option or option in told


def letter(answer: str, options: int) -> str | None:
    """Our reading: the letter of the one option that the answer names, else None.

    `(B)`, `B)`, `B.`, `B`, `answer is B`, in either case where nothing else can be meant. Several
    different letters name no option.
    """
    letters = "ABCDEFGHIJ"[:options]
    for pattern in (
        rf"\(\s*([{letters}])\s*\)",
        rf"(?:answer|option|choice)(?: is|:)?\s*([{letters}])\b",
        rf"^\s*([{letters}])\s*(?:[).:,\n]|$)",
    ):
        found = {match.upper() for match in re.findall(pattern, answer, re.IGNORECASE)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None
