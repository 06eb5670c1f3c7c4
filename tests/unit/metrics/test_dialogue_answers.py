"""Which video an answer names."""

import pytest

from whenabouts.metrics.answers.dialogue import named_video


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("The query matches video 4. A woman fills a cup.", 4),
        ("Query content found in video 10 at 12.5s-20s.", 10),
        ("是video 3，红色自行车。", 3),
        ("第3个视频里有", 3),
        ("第十个视频", 10),
        ("视频7是您要找的", 7),
        ("It is the second one.", 2),
        ("the 3rd video", 3),
        ("7", 7),
        ("(7)", 7),
        ("Video 12, I mean video 2", 2),
        ("at 3s - 5s", None),
        ("", None),
        ("none of them", None),
        ("video", None),
        ("a video of 3 dogs", None),
        ("11", None),
    ],
)
def test_the_number_that_an_answer_names(answer, number):
    assert named_video(answer, 10) == number


def test_only_numbers_of_candidates_count():
    assert named_video("video 3", 2) is None
    assert named_video("video 0", 10) is None
