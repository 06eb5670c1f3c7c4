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

    `answer is B`, `(B)`, `B)`, `B.`, `B`; small letters too where they cannot be the word "a".
    Several different letters name no option.
    """
    large = "ABCDEFGHIJ"[:options]
    either = f"[{large}{large.lower()}]"
    ended = r"(?=\s*(?:[).:,;\n]|$))"
    for pattern in (
        rf"(?i:answer|option|choice)(?i:\s+is)?\s*:?\s*\(?\s*([{large}]\b|{either}{ended})",
        rf"\(\s*({either})\s*\)",
        rf"^\s*({either}){ended}",
    ):
        found = {match.upper() for match in re.findall(pattern, answer)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None
