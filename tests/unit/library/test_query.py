"""Words of a query: what is refused, and what order they state."""

import pytest

from whenabouts.errors import InputError
from whenabouts.library.query import checked, in_order


@pytest.mark.parametrize(
    "text", ["", "  \n\t ", "x" * 100_000, "a\x00b", "\x7fELF\x02", "a\udcffb"]
)
def test_what_nobody_can_mean_is_refused_politely(text):
    with pytest.raises(InputError) as refused:
        checked(text)
    assert len(str(refused.value)) < 200


def test_white_space_is_made_plain():
    assert checked("  a red\n star\t🐶 ") == "a red star 🐶"


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("a star appears, then it spins", ("a star appears", "it spins")),
        ("First a man sits and then a dog runs.", ("a man sits", "a dog runs")),
        ("a star appears then it spins then it grows", ("a star appears", "it spins", "it grows")),
        ("red then blue", ("red", "blue")),
        ("a cut followed by a blue ring", ("a cut", "a blue ring")),
        ("the dog sits before the cat runs", ("the dog sits", "the cat runs")),
        ("the dog sits after the cat runs", ("the cat runs", "the dog sits")),
        ("After the rain, the sun shines", ("the rain", "the sun shines")),
        ("before the rain, the sun shines", ("the sun shines", "the rain")),
        ("先红色圆形出现，然后蓝色方块移动", ("红色圆形出现", "蓝色方块移动")),
        ("红色圆形出现之后蓝色方块移动", ("红色圆形出现", "蓝色方块移动")),
        ("圆形移动之前，星形出现", ("星形出现", "圆形移动")),
        ("先出现星形再出现圆形", ("出现星形", "出现圆形")),
    ],
)
def test_orders_in_two_languages(text, events):
    assert in_order(text) == events


@pytest.mark.parametrize(
    "text",
    [
        "a red star",
        "thenar muscles",
        "a lighthouse",
        "前面的星形",
        '"first a then b"',
        "then",
        "x then y",
    ],
)
def test_no_order_where_none_is_meant(text):
    assert in_order(text) == (text,)
