"""Tokens of captions; what is expected was printed by the Java tokenizer."""

import pytest

from whenabouts.metrics.ptb import tokens


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A man doesn't know; he can't, won't.", "a man does n't know he ca n't wo n't"),
        ("I'm gonna wanna gotta gimme", "i 'm gon na wan na got ta gim me"),
        ("'tis it, cannot", "'t is it can not"),
        ("They're we've I'd she'll", "they 're we 've i 'd she 'll"),
        ("James' dog's hats", "james dog 's hats"),
        ("the U.S. team vs. the u.k. at 5 p.m.", "the u.s. team vs. the u.k. at 5 p.m."),
        ("Mr. Smith and approx. 5 lbs. of it etc.", "mr. smith and approx 5 lbs of it etc."),
        ("It costs $5.50, 50% off & more #1", "it costs $ 5.50 50 % off & more # 1"),
        ("He says \"hello\" and 'bye' (loudly)", "he says hello and bye -lrb- loudly -rrb-"),
        ("and/or 1/2 cup 1,000.5 10:30", "and/or 1/2 cup 1,000.5 10:30"),
        ("wait... no!!! hmm -- ok - good", "wait no !!! hmm ok good"),
        ("non-stick e-mail's 5-6 minutes 30- 40", "non-stick e-mail 's 5-6 minutes 30 40"),
        ("rock 'n' roll o'clock y'all ma'am", "rock 'n' roll o'clock y' all ma'am"),
        ("plan b. then vitamin c", "plan b. then vitamin c"),
        ("a*b a+b=c ~5", "a * b a + b = c ~ 5"),
        ("em\u2014dash \u201cquoted\u201d it\u2019s saut\u00e9", "em dash quoted it 's saut\u00e9"),
        ("see fig. 5 and the fig. there", "see fig. 5 and the fig there"),
        ("hello.world end.Next", "hello.world end.next"),
        ("", ""),
        ("...", ""),
    ],
)
def test_tokens_are_those_of_the_treebank(caption, expected):
    assert " ".join(tokens([caption])[0]) == expected
