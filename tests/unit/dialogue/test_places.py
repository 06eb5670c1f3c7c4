"""Which videos are meant by places, verdicts and what was looked at before."""

import pytest

from whenabouts.evaluate.utterances import Case, hear

LIST = {"en": ["a dog", {"videos": "ABCDE"}], "zh": ["狗", {"videos": "ABCDE"}]}
PICKED = {
    "en": [*LIST["en"], "the third", {"videos": "C"}],
    "zh": [*LIST["zh"], "第三个", {"videos": "C"}],
}
TWO = {
    "en": ["a dog", {"videos": "ABC"}, "first", {"videos": "A"}, "third", {"videos": "C"}],
    "zh": ["狗", {"videos": "ABC"}, "第一个", {"videos": "A"}, "第三个", {"videos": "C"}],
}
BEFORE = {
    "en": [
        "a dog on a beach", {"videos": "ABC"}, "the second", {"videos": "B"},
        "a cake", {"videos": "DEF"},
    ],
    "zh": ["沙滩上的狗", {"videos": "ABC"}, "第二个", {"videos": "B"}, "蛋糕", {"videos": "DEF"}],
}  # fmt: skip

SHOWN = {
    "the second from the bottom": "D", "third last please": "C", "the one before the last": "D",
    "second to last, thanks": "D", "give me no 3": "C", "the middle one": "C",
    "the one between 2 and 4": "C", "the third on the list": "C", "the last of the five": "E",
    "fourth from the top": "D", "show numbers 2 thru 4": "BCD", "the last three": "CDE",
    "1, 3 and 5": "ACE", "the one right after the second": "C", "the one before the fourth": "C",
    "the top hit": "A", "bottom of the list": "E", "the very last result": "E",
    "倒数第三个": "C", "从后往前数第二个": "D", "倒着数第二个": "D", "正数第二个": "B",
    "中间那条": "C", "垫底的那个": "E", "第二个后面那个": "C", "打开老三": "C", "最末一个": "E",
    "后三条": "CDE", "榜首那个": "A", "那就壹吧": "A",
}  # fmt: skip
BESIDE = {
    "one up": "B", "the one above it": "B", "the video underneath": "D", "next but one": "E",
    "它下面那个": "D", "上面那条": "B", "上上个": "A", "下下个": "E", "隔壁那个": "D",
}  # fmt: skip
JUDGED = {
    "1 yes, 2 no": ("A", "B"), "keep 2 and 3, drop 4": ("BC", "D"),
    "everything but the last is wrong": ("E", "ABCD"), "neither 1 nor 2": ("", "AB"),
    "first one close, the others not": ("A", "BCDE"), "both of the last ones are off": ("", "DE"),
    "二号还行，四号不行": ("B", "D"), "最后两个不行": ("", "DE"),
    "第一个接近，其他都不像": ("A", "BCDE"),
    "除了最后一个都不对": ("E", "ABCD"),
}  # fmt: skip


def _heard(history, utterance):
    lang = "zh" if any(letter >= "\u4e00" for letter in utterance) else "en"
    told = {"id": "x", "lang": lang, "covers": "ordinal", "act": "show", "refers": ""}
    return hear(Case(history=history[lang], utterance=utterance, **told))


@pytest.mark.parametrize("utterance", SHOWN)
def test_a_place_in_the_list(utterance):
    assert sorted(_heard(LIST, utterance).refers) == sorted(SHOWN[utterance])


@pytest.mark.parametrize("utterance", BESIDE)
def test_a_neighbour_of_what_is_talked_about(utterance):
    assert _heard(PICKED, utterance).refers == BESIDE[utterance]


@pytest.mark.parametrize("utterance", JUDGED)
def test_every_result_that_is_named_is_judged(utterance):
    heard = _heard(LIST, utterance)
    assert ("".join(sorted(heard.likes)), "".join(sorted(heard.dislikes))) == JUDGED[utterance]


@pytest.mark.parametrize("utterance", ["the dog video again", "back to the one on the beach"])
def test_a_video_is_known_by_what_it_was_found_with(utterance):
    assert _heard(BEFORE, utterance).refers == "B"


def test_words_that_fit_nothing_mean_what_is_in_view():
    assert _heard(BEFORE, "the whale video again").refers == "D"


@pytest.mark.parametrize(
    "utterance", ["compare it with the one before", "compare this with the first"]
)
def test_a_comparison_with_one_takes_what_is_in_view(utterance):
    assert sorted(_heard(TWO, utterance).refers) == ["A", "C"]


def test_places_that_are_none():
    for utterance in ("when does the second dog jump?", "how long does it last?"):
        assert _heard(PICKED, utterance).refers == "C"
