"""Words of a query: what is refused."""

import pytest

from whenabouts.errors import InputError
from whenabouts.library.query import checked


@pytest.mark.parametrize(
    "text", ["", "  \n\t ", "x" * 100_000, "a\x00b", "\x7fELF\x02", "a\udcffb"]
)
def test_what_nobody_can_mean_is_refused_politely(text):
    with pytest.raises(InputError) as refused:
        checked(text)
    assert len(str(refused.value)) < 200


def test_white_space_is_made_plain():
    assert checked("  a red\n star\t🐶 ") == "a red star 🐶"
