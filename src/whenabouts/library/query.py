"""What a person asks: checks of the words."""

from __future__ import annotations

import unicodedata

from whenabouts.errors import InputError

LONGEST = 2000
"""Characters of the longest query; encoders read some 30 to 80 words of it at most."""


def checked(text: str) -> str:
    """The query with runs of white space made one blank; refused when nobody can mean it."""
    if len(text) > LONGEST:
        raise InputError(
            f"the query has {len(text)} characters, the limit is {LONGEST}; "
            "say in a sentence or two what happens"
        )
    strange = [
        c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Cn") and c not in "\t\r\n"
    ]
    if strange:
        raise InputError(
            f"the query holds characters that are no text ({strange[0]!r}); "
            "pass words, or a picture or clip by its path"
        )
    words = " ".join(text.split())
    if not words:
        raise InputError("the query is empty; say what happens, for example 'a dog jumps'")
    # Letters, digits and pictures (emoji) mean something; marks and invisible characters do not.
    if not any(
        unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in words
    ):
        raise InputError(
            f"the query {ascii(words)[:80]} holds no words; "
            "say what happens, for example 'a dog jumps'"
        )
    return words
