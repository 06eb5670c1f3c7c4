"""Options that take several words."""

import pytest

from whenabouts.app.options import spread
from whenabouts.errors import InputError


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("ask v q --options a b", "ask v q --options a --options b"),
        ("ask v q --options a b --json -n 3", "ask v q --options a --options b --json -n 3"),
        ("ask v q --options a --options b c", "ask v q --options a --options b --options c"),
        ("ask - q --json", "ask - q --json"),
        ("search --options a b", "search --options a b"),
        ("", ""),
    ],
)
def test_spread(line, wanted):
    assert spread(line.split(), "ask", "--options") == wanted.split()


@pytest.mark.parametrize("line", ["ask v q --options --json", "ask v q --options"])
def test_no_words(line):
    with pytest.raises(InputError, match="no words behind it"):
        spread(line.split(), "ask", "--options")
