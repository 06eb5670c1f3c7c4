"""What is seen of a clicked moment in a real Chromium: made ready ahead, covered until then."""

import io

import pytest
from browser import CHROMIUM, SHOWN, VIDEO, chromium, page_of, until
from PIL import Image
from serving import listening, make_library

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium here; install the package chromium"
)
COVER = "#viewer .cover"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with make_library(tmp_path_factory.mktemp("ahead")) as made:
        yield made


@pytest.fixture(scope="module")
def url(library):
    with listening(library, rate_hz=1e5, burst=10**6) as made:
        yield made


@pytest.fixture(scope="module")
def browser():
    with chromium() as made:
        yield made


@pytest.fixture
def page(browser, url):
    with page_of(browser, url) as made:
        yield made
        assert made.told == []


def _asked(page, end):
    return [one for one in page.asked if end in one]


def _comes(page, end, count=1):
    """The page has asked for what ends like this."""
    for _ in range(500):
        if len(_asked(page, end)) >= count:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{end} was not asked for")


def _find(page, words):
    page.fill("#q", words)
    page.wait_for_selector(".card")


def _colour(page):
    """The middle of the player as it is on the screen."""
    picture = Image.open(io.BytesIO(page.locator("#viewer .screen").screenshot())).convert("RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))


def test_the_first_hit_is_ready_before_it_is_clicked(page):
    page.goto("/")
    _find(page, "pink")
    _comes(page, "/file")
    page.wait_for_timeout(800)
    before = len(_asked(page, "/file"))
    page.click(".card .hit")
    page.wait_for_selector("#viewer video")
    assert page.evaluate(SHOWN)  # at once
    assert page.locator(COVER).count() == 0
    start_s = page.evaluate("Number(new URLSearchParams(location.search).get('t'))")
    assert abs(page.evaluate(f"{VIDEO}.currentTime") - start_s) < 0.1
    page.wait_for_timeout(300)
    assert len(_asked(page, "/file")) == before
    assert len(_asked(page, "/heat")) == 1
    red, green, _ = _colour(page)
    assert red > 150 or green > 120  # the last of the green or the first of the pink: it is painted


def test_the_pointer_on_a_card_makes_its_moment_ready(page, library):
    page.goto("/")
    _find(page, "yellow")
    _comes(page, "/file")
    _find(page, "blue")
    page.hover(".card")
    sea = next(row.id for row in library.videos() if row.path.endswith("sea.mp4"))
    _comes(page, f"{sea}/file")
    assert page.locator("video").count() == 0


def test_the_picture_of_the_card_covers_the_player_until_its_frame_is_there(page):
    held, free = [], []
    page.route("**/file", lambda route: route.continue_() if free else held.append(route))
    page.goto("/")
    _find(page, "blue")
    until(page, "document.querySelector('.card .frame img').naturalWidth > 0")
    page.click(".card .hit")
    page.wait_for_selector(COVER)
    _, _, blue = _colour(page)
    assert blue > 150
    assert not page.evaluate(f"{VIDEO}.readyState")
    page.keyboard.press("l")  # keys go to the player below
    free.append(True)
    for route in held:
        route.continue_()
    until(page, f"{SHOWN} && {VIDEO}.currentTime > 4")
    page.wait_for_selector(COVER, state="detached")


def test_no_picture_stands_for_another_time(page):
    page.route("**/file", lambda route: route.abort())
    page.goto("/")
    _find(page, "blue")
    box = page.locator(".card .curve").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    page.wait_for_selector("#viewer video")
    assert page.locator(COVER).count() == 0
    page.wait_for_selector("#viewer .fault >> text=/./")
    page.told.clear()


def test_what_is_made_ready_leaves_the_open_player_alone(page, library):
    sunset = next(row.id for row in library.videos() if row.path.endswith("sunset.mp4"))
    page.goto(f"/?v={sunset}&t=9.5")
    until(page, SHOWN)
    shown = page.inner_text("#now")
    assert shown.startswith("0:09.5")
    _find(page, "pink")
    _comes(page, "/file", 2)
    page.wait_for_timeout(600)
    assert page.inner_text("#now") == shown
    assert abs(page.evaluate(f"{VIDEO}.currentTime") - 9.5) < 0.1
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    until(page, f"{SHOWN} && {VIDEO}.currentTime < 7")
    assert page.inner_text("#viewer-title") == "field.mp4"
