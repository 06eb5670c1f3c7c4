"""Text files in the encodings that subtitle files come in."""

from __future__ import annotations

import codecs

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks and what they announce."""

FREQUENT = {
    "gb18030": "的一是不了我你在有他这人们来到说好吗要就会没那什么都为大上个还去吧对",
    "big5": "的一是不了我你在有他這人們來到說好嗎要就會沒那什麼都為大上個還去吧對",
    "cp932": "のにはをたがでてとしれさあいるなもよかこだそう私",
    "cp949": "이다는가에을를고하지나어의니은도게사아요네",
}
"""Characters that make up much of any text in that encoding's language."""

WESTERN = "éèêëàâäáãåçñïîíìôöóòõøùûüúæœßÉÈÀÇÖÄÜÑ¿¡«»“”’‘–—…° "
CENTRAL = "ąćęłńóśźżáčďéěíňřšťúůýžäĺľôŕöőüűăâîșțşţßĄĆŁŚŹŻČŘŠŽ„”“’–—… "
"""Letters and marks of the languages written in cp1252 and in cp1250."""

LEAST_FREQUENT_SHARE = 0.12
"""Share of them among the non-ASCII characters from which the encoding is taken to be right."""

CANDIDATES = ["gb18030", "big5", "cp932", "cp949", "cp1252", "cp1251", "cp1250", "cp1253", "cp1256"]

SAMPLE_BYTES = 2**16


def decode_text(data: bytes) -> str:
    """The text of a file whose encoding is not told; what does not fit becomes U+FFFD."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    wide = _without_mark(data)
    if wide:
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > SAMPLE_BYTES or error.reason == "unexpected end of data":
            return data.decode("utf-8", "replace")
    return data.decode(_guess(data[:SAMPLE_BYTES]), "replace")


def _without_mark(data: bytes) -> str:
    """UTF-16 without a mark shows by the zero bytes of its line ends and Latin letters."""
    head = data[:4096]
    zeros_even, zeros_odd = head[::2].count(0), head[1::2].count(0)
    if max(zeros_even, zeros_odd) * 8 < len(head):
        return ""
    return "utf-16-be" if zeros_even > zeros_odd else "utf-16-le"


def _guess(data: bytes) -> str:
    """The likeliest of the candidates: by the commonest characters, then by statistics."""
    from charset_normalizer import from_bytes

    shares = {name: _share(data, name) for name in FREQUENT}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] >= LEAST_FREQUENT_SHARE:
        return best
    found = from_bytes(data, cp_isolation=CANDIDATES).best()
    if found is not None and found.encoding not in {"cp1250", "cp1252"}:
        return found.encoding
    western = sum(c in WESTERN for c in data.decode("cp1252", "replace") if c > "\x7f")
    central = sum(c in CENTRAL for c in data.decode("cp1250", "replace") if c > "\x7f")
    return "cp1250" if central > western else "cp1252"


def _share(data: bytes, encoding: str) -> float:
    """Share of the commonest characters among those that are not ASCII; 0 if it does not decode."""
    # A sample may end within a character: up to three bytes are left off.
    for cut in range(4):
        try:
            text = data[: len(data) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        other = [c for c in text if c > "\x7f"]
        return sum(c in FREQUENT[encoding] for c in other) / max(1, len(other))
    return 0.0
