"""The events that a query tells of: their order, and what stands side by side."""

import pytest

from whenabouts.library.happenings import in_order, together


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
        ("a cat, later a dog, finally a bird", ("a cat", "a dog", "a bird")),
        ("A man sits. After that, a dog runs", ("A man sits", "a dog runs")),
        (
            "first a boat, then before green hills, two men row",
            ("a boat", "before green hills, two men row"),
        ),
        ("a dog runs after a ball before it sleeps", ("a dog runs after a ball", "it sleeps")),
        ("先是下雨，再一个人跑过，最后天晴了", ("下雨", "一个人跑过", "天晴了")),
        ("墙前，一个人在唱歌，之后狗叫了", ("墙前，一个人在唱歌", "狗叫了")),
        ("吃完饭后，他出门", ("吃完饭", "他出门")),
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
        "a man before a mirror",
        "a dog runs after a ball",
        "a man is followed by a dog",
        "a lamp next to a bed",
        "狗跟在猫后面追",
        "红色背景前，一个圆形旋转",
        "比赛之后的采访",
        "最后一个镜头",
    ],
)
def test_no_order_where_none_is_meant(text):
    assert in_order(text) == (text,)


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("a dog, a cat and a horse", ("a dog", "a cat", "a horse")),
        ("two men row and there is a flag", ("two men row", "there is a flag")),
        ("一个三角形，还有一个月牙形", ("一个三角形", "一个月牙形")),
        ("两个人在公园里，一只狗在跑", ("两个人在公园里", "一只狗在跑")),
        ("a star between a circle and a square", ("a star between a circle and a square",)),
        ("a man with a dog and a cat", ("a man with a dog and a cat",)),
        ("bread and butter", ("bread and butter",)),
        ("沙滩上，一个人在跑", ("沙滩上，一个人在跑",)),
    ],
)
def test_things_side_by_side(text, things):
    assert together(text) == things
