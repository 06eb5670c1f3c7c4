"""What schemathesis sends where the schema names things of a library: some that are there."""

import json
import os

import schemathesis
from hypothesis import strategies as st

KNOWN = json.loads(os.environ["WHENABOUTS_KNOWN"])


def _some(name, otherwise):
    return st.one_of(st.sampled_from(KNOWN[name]), st.from_regex(otherwise, fullmatch=True))


_TIME = r"[0-9]{1,2}(\.[0-9]{1,3})?"
_MOMENTS = st.builds(
    lambda video, start, length: f"{video}@{start:g}-{start + length:g}",
    st.sampled_from(KNOWN["videos"]),
    st.integers(0, 11),
    st.sampled_from([0.5, 1, 4.25, 30]),
)
schemathesis.openapi.format("video-id", _some("videos", r"[0-9a-f]{16,64}"))
schemathesis.openapi.format("chat-id", _some("chats", r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}"))
schemathesis.openapi.format("job-id", _some("jobs", r"[0-9a-f]{16}"))
schemathesis.openapi.format(
    "moment-id",
    st.one_of(_MOMENTS, st.from_regex(rf"[0-9a-f]{{16,64}}@{_TIME}-{_TIME}", fullmatch=True)),
)
for kind, data in KNOWN["bodies"].items():
    schemathesis.openapi.media_type(kind, st.just(bytes.fromhex(data)))
