"""Penn Treebank tokens of captions without Java: lower case, punctuation left out.

Follows what Stanford CoreNLP 3.4.1 does to plain English captions, so that CIDEr, BLEU and ROUGE-L
come out as published. Exotic text (smileys, phone numbers, markup) can differ; `java_tokens` of
`java_tools` is that program itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

DROPPED = frozenset("'\"`.?!,:-;")
"""Marks that caption figures leave out, alone or as runs of points or dashes. Bracket codes stay:
lower-cased, they are not in the published list of capitals."""

_ABBREVIATIONS = (
    "adm|adv|al|ala|alex|apr|ariz|assn|assoc|asst|atty|attys|aug|ave|bancorp|bhd|bldg|blvd|"
    "brig|bros|calif|capt|cf|cie|cmdr|co|col|colo|comdr|conn|corp|cos|cpl|ct|dak|dec|dept|"
    "det|dr|drs|elec|ens|esq|est|etc|ext|feb|fla|fri|ft|ga|gen|gov|govs|hon|inc|ind|intl|"
    "invt|jan|jos|jr|jul|jun|kan|kans|ky|lieut|lt|ltd|maj|mar|md|messrs|mfg|mich|minn|mme|"
    "mo|mon|mont|mr|mrs|ms|mt|mtg|natl|neb|nev|nov|oct|okla|penn|pfc|ph|plc|pres|prof|"
    "profs|pte|pvt|rd|rep|reps|rev|rt|sen|sens|sep|sept|seq|sfc|sgt|spc|sq|sr|st|ste|supt|"
    "supts|sys|tel|tenn|thu|thurs|tue|tues|univ|va|vs|vt|wed|wis|wisc|wm|wyo"
)
"""Words that keep their full stop; found by asking the Java tokenizer word by word."""
_BEFORE_NUMBERS = "art|ca|figs?|nos?|op|pp|prop"
"""Words that keep it before a number only."""

_HALVES = {
    "cannot": ["can", "not"],
    "gimme": ["gim", "me"],
    "gonna": ["gon", "na"],
    "gotta": ["got", "ta"],
    "lemme": ["lem", "me"],
    "wanna": ["wan", "na"],
    "'tis": ["'t", "is"],
    "'twas": ["'t", "was"],
}
_WRITTEN = {"£": "#", "€": "$", "¢": "cents", "&amp;": "&"}
_CODES = ("-lrb-", "-rrb-", "-lsb-", "-rsb-", "-lcb-", "-rcb-")
_BRACKETS = dict(zip("()[]{}", _CODES, strict=True))
_BRACKET = re.compile(r"[()\[\]{}]")
_CURLY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": " - ", "—": " - ", "…": " "})

_LETTER = r"[^\W\d_]"
_CLITIC = r"'(?:s|m|d|re|ve|ll)(?!\w)"
_TOKEN = re.compile(
    rf"""
      (?:https?://|www\.)[^\s"()<>]*[^\s"()<>.,;:!?']            # addresses of pages
    | [\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+                            # and of people
    | &amp;
    | '(?:tis|twas)(?!\w)
    | '(?:em|cause|n'?|\d0s)(?!\w)                                # clipped words
    | {_CLITIC}
    | n't(?!\w)
    | (?:{_LETTER}\.)+{_LETTER}?(?!\w)                            # u.s. p.m. b.
    | (?:{_ABBREVIATIONS})\.(?!\w)
    | (?:{_BEFORE_NUMBERS})\.(?=\s\d)
    | ph\.d\.?(?!\w)
    | cannot(?!\w) | gimme(?!\w) | gonna(?!\w) | gotta(?!\w) | lemme(?!\w) | wanna(?!\w)
    | {_LETTER}+(?=n't(?!\w))                                     # do n't
    | o'clock(?!\w)
    | (?![iy]'){_LETTER}'{_LETTER}{{2,}}                          # s'mores, o'brien
    | (?!y'){_LETTER}*[aeiouy]'[aeiou]{_LETTER}*                       # ma'am
    | y'(?={_LETTER})                                             # y' all
    | at&t(?!\w)
    | \d+(?:[.,:/-]\d+)+(?!\w)                                    # 1,000.5 10:30 1/2 5-6
    | \.\d+(?:,\d+)*(?!\w)
    | [@]\w+
    | {_LETTER}+(?:\.{_LETTER}+)+(?:-\w+)*                         # a.sentence.and the next
    | [^\W_]\w*(?:/[^\W_]\w*)+(?![-\w])                           # and/or 5km/h
    | [^\W_]\w*(?:-\w+)*                                          # words, also with hyphens
    | [:;=]-?[()]
    | [!?]{{2,}}
    | [.]{{2,}} | --+
    | \S
    """,
    re.VERBOSE,
)


def tokens(captions: Sequence[str]) -> list[list[str]]:
    """Tokens of each caption.

    >>> tokens(["A man's hand stirs the pot, then it isn't shown."])[0][:4]
    ['a', 'man', "'s", 'hand']
    """
    return [_line(caption) for caption in captions]


def _line(caption: str) -> list[str]:
    found: list[str] = []
    for match in _TOKEN.finditer(caption.translate(_CURLY).lower()):
        token = match.group()
        if token in DROPPED or set(token) in ({"."}, {"-"}):
            continue
        found += _HALVES.get(token) or [_BRACKET.sub(_code, _WRITTEN.get(token, token))]
    return found


def _code(bracket: re.Match[str]) -> str:
    return _BRACKETS[bracket.group()]
