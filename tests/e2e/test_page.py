"""The page in a real Chromium: search, play, talk, export, keys, phone, and what it never does."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import av
import pytest
from browser import CHROMIUM, SHOWN, VIDEO, chromium, page_of, until
from model_stand_ins import TellingPool
from page_checks import CONTRAST, NAMES, ORDER
from serving import LINE, listening, make_library

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium here; install the package chromium"
)
PAGE_BYTES = 300_000


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with make_library(tmp_path_factory.mktemp("page")) as made:
        yield made


@pytest.fixture(scope="module")
def url(library):
    with listening(library, rate_hz=1e5, burst=10**6) as made:
        yield made


@pytest.fixture(scope="module")
def models(library):
    """The address of a server with a language model and a SeViLA, both stand-ins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whenabouts.app.serve.server.WatcherPool", TellingPool)
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
        outside = [one for one in made.asked if not one.startswith((url, "blob:"))]
        assert outside == []


@pytest.fixture(scope="module")
def ids(library):
    return {row.path.rsplit("/", 1)[-1]: row.id for row in library.videos()}


def _at(page, time_s, within_s=0.1):
    """The player shows the frame of a time."""
    until(page, f"{SHOWN} && Math.abs({VIDEO}.currentTime - {time_s}) < {within_s}")


def _find(page, words):
    page.fill("#q", words)
    page.wait_for_selector(".card")


def test_a_search_is_shown_while_it_is_typed_and_a_click_plays_it(page, ids):
    page.goto("/")
    page.wait_for_selector(".tile >> nth=2")
    page.type("#q", "yellow")
    page.wait_for_selector(".card")
    assert "sunset.mp4" in page.inner_text(".card h3")
    assert parse_qs(urlsplit(page.url).query)["q"] == ["yellow"]
    page.click(".card .hit")
    _at(page, 8.0, 0.6)
    start_s = float(parse_qs(urlsplit(page.url).query)["t"][0])
    _at(page, start_s)
    page.click("#play")
    until(page, f"{VIDEO}.currentTime > {start_s + 0.2} && !{VIDEO}.paused")
    page.keyboard.press("k")
    until(page, f"{VIDEO}.paused")


def test_a_click_on_a_curve_goes_to_its_very_time(page):
    page.goto("/")
    _find(page, "yellow")
    box = page.locator(".card .curve").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    _at(page, 12 * 0.25)
    box = page.locator(".timeline").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    _at(page, 12 * 0.75)
    assert page.locator(".timeline .mark").count() >= 1
    assert page.locator(".timeline .line").count() == 1


def test_a_link_opens_at_its_time_with_its_search(page, ids):
    page.goto(f"/?q=yellow&v={ids['sunset.mp4']}&t=9.5")
    _at(page, 9.5)
    assert page.input_value("#q") == "yellow"
    page.wait_for_selector(".card.now")
    page.go_back()


@pytest.mark.parametrize(
    ("locale", "turns"),
    [
        ("en-GB", ["find red", "how long is the first one?", "play the first one"]),
        ("zh-CN", ["找红色的视频", "第一个有多长？", "播放第一个"]),
    ],
)
def test_a_talk_of_three_turns(browser, url, locale, turns):
    with page_of(browser, url, locale=locale) as page:
        page.goto("/")
        page.click("#b-talk")
        for number, text in enumerate(turns, start=1):
            page.fill("#message", text)
            page.keyboard.press("Enter")
            page.wait_for_selector(f".turn.assistant >> nth={number - 1}")
            until(page, "!document.querySelector('.say button').disabled")
        answers = page.locator(".turn.assistant").all_inner_texts()
        assert "12" in answers[1]
        if locale == "zh-CN":
            assert page.get_attribute("html", "lang") == "zh-Hans"
            assert all(any("\u4e00" <= c <= "\u9fff" for c in one) for one in answers)
        assert "sunset.mp4" in page.locator(".turn.assistant .card h3").first.inner_text()
        until(page, f"{SHOWN} && !{VIDEO}.paused", "playing")
        chat = parse_qs(urlsplit(page.url).query)["chat"][0]
        page.goto(f"/?chat={chat}")  # and a colleague sees the same
        page.wait_for_selector(".turn.assistant >> nth=2")
        assert page.locator(".turn.user").all_inner_texts()[0].endswith(turns[0])
        assert page.told == []


def test_like_and_more_like_this(page):
    page.goto("/")
    page.click("#b-talk")
    page.fill("#message", "find red")
    page.keyboard.press("Enter")
    page.locator(".turn.assistant .card button", has_text="Like").first.click()
    page.wait_for_selector(".turn.assistant >> nth=1")
    page.locator(".turn.assistant .card button", has_text="More like this").first.click()
    page.wait_for_selector("#browse .card, #browse .reason")


def test_an_export_is_a_clip_that_plays(page, tmp_path):
    page.goto("/")
    _find(page, "yellow")
    page.check(".card .tick input")
    page.check("#exact")
    page.click("#export")
    with page.expect_download() as download:
        page.click("#exported a")
    clip = tmp_path / "clip.mp4"
    download.value.save_as(clip)
    with av.open(clip) as media:
        frames = [one.to_ndarray(format="rgb24") for one in media.decode(video=0)]
    assert len(frames) >= 20
    assert frames[len(frames) // 2].mean(axis=(0, 1)) == pytest.approx((240, 220, 40), abs=40)
    for to in ("csv", "fcpxml"):
        page.select_option("#tray select", to)
        page.click("#export")
        page.wait_for_selector(f"#exported a[href$='.{to}']")


def test_the_keyboard_alone_is_enough(page):
    page.goto("/")
    page.wait_for_selector(".tile")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("/")
    page.keyboard.type("red")
    page.wait_for_selector(".card")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    _at(page, 0.0, 0.6)
    before_s = page.evaluate(f"{VIDEO}.currentTime")
    page.keyboard.press("l")
    _at(page, before_s + 5)
    page.keyboard.press("j")
    _at(page, before_s)
    page.keyboard.press("ArrowRight")
    _at(page, before_s + 1)
    page.keyboard.press("Space")
    until(page, f"!{VIDEO}.paused")
    page.keyboard.press("Space")
    until(page, f"{VIDEO}.paused")
    page.keyboard.press("c")
    page.wait_for_selector("#tray:not([hidden])")
    seen = set()
    for _ in range(60):  # and Tab reaches everything that matters, with a focus that is seen
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        where = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert ring != "none" or where.startswith("<body"), where
    assert {"play", "timeline", "export", "q"} <= seen
    page.focus("[role=tab][aria-selected=true]")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("[role=tab][aria-selected=true]") == "Talk"


def test_what_a_file_says_is_never_run(page, ids):
    page.goto(f"/?v={ids['sea.mp4']}&tab=texts")
    page.wait_for_selector(".list button")
    assert LINE in page.inner_text(".list")
    assert page.locator(".list script, .list b >> text=bold").count() == 0
    page.fill("#q", "<img src=x onerror=alert(1)> blue")
    page.wait_for_selector("#browse .reason, .card")
    assert page.locator("img[src=x]").count() == 0
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), "
        "{textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in one for one in page.told)
    page.told.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1300, 860), (390, 844)])
def test_everybody_can_read_and_reach_it(browser, url, ids, scheme, size):
    shape = {"width": size[0], "height": size[1]}
    with page_of(browser, url, color_scheme=scheme, viewport=shape) as page:
        for path in ("/", "/?q=red", f"/?q=red&v={ids['sunset.mp4']}&tab=ask", "/?tab=chat"):
            page.goto(path)
            page.wait_for_selector(".tile, .card, .hello")
            if "v=" in path:
                page.wait_for_selector("[role=tabpanel] form")
            for check in (NAMES, ORDER, CONTRAST):
                assert page.evaluate(check) == [], (path, scheme)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size[0], f"{path} is {width} px wide"
            _with_axe(page, path)
        assert page.told == []


def _with_axe(page, path):
    """All rules of axe-core, where AXE_CORE names its axe.min.js."""
    if "AXE_CORE" not in os.environ:
        return
    page.evaluate(Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run().then((told) => told.violations.map((one) => "
        "`${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"
    )
    assert found == [], path


def test_on_a_phone(browser, url, ids):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with page_of(browser, url, **phone) as page:
        page.goto("/")
        page.fill("#q", "yellow")
        page.wait_for_selector(".card")
        page.tap(".card .hit")
        until(page, SHOWN)
        assert page.locator("#viewer video").bounding_box()["width"] > 300
        box = page.locator(".timeline").bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 10)
        _at(page, 6.0)
        assert page.told == []


def test_the_page_is_light_and_knows_both_languages(browser, url):
    with page_of(browser, url) as page:
        sizes = []
        page.on(
            "response",
            lambda answer: (
                sizes.append(len(answer.body()))
                if "/videos/" not in answer.url and answer.ok
                else None
            ),
        )
        page.goto("/")
        page.wait_for_selector(".tile")
        assert sum(sizes) < PAGE_BYTES
        assert page.evaluate(
            "import('/web/words.js').then((words) => words.keysOf().map("
            "(one) => one.filter((key) => key !== 'results_1').sort().join()))"
            ".then(([en, zh]) => en === zh)"
        )
        page.click("#b-lang")
        page.wait_for_selector("text=视频库")
        assert page.get_attribute("html", "lang") == "zh-Hans"
        page.click("#b-theme")
        assert page.get_attribute("html", "data-theme") == "dark"


def test_a_job_is_seen_and_stopped(page, library):
    page.goto("/")
    page.click("#b-work")
    page.fill("#path", "/there/is/no/such/folder")
    page.keyboard.press("Enter")
    page.wait_for_selector(".job .fault")
    assert "/there/is/no/such/folder" in page.inner_text(".job .fault")


def _field(page, label):
    return page.locator("[role=tabpanel] .field", has_text=label).locator("input, select, textarea")


def test_the_panels_of_the_demos_ask_as_their_controls_say(browser, models, ids):
    with page_of(browser, models) as page:
        page.goto(f"/?v={ids['sea.mp4']}&tab=ask")
        _field(page, "Model").select_option("talker")
        _field(page, "Way of answering").select_option("demo")
        _field(page, "Frames").fill("48")
        _field(page, "Beams").fill("2")
        _field(page, "Temperature").fill("0.4")
        for number, question in enumerate(("What is blue?", "And then?")):
            page.fill("[role=tabpanel] textarea", question)
            page.press("[role=tabpanel] textarea", "Enter")
            page.wait_for_selector(f".turn.assistant .list button >> nth={number}")
        last = TellingPool.asked[-1]
        assert (last["frames"], last["question"]) == (48, "And then?")
        assert (last["answer"].beams, last["answer"].temperature) == (2, 0.4)
        assert last["history"] == ["What is blue?", "<b>answer</b> 0"]
        assert "<b>answer</b> 2" in page.locator(".turn.assistant").nth(1).inner_text()
        page.locator(".turn.assistant .list button").first.click()
        _at(page, 4.0)  # a time in an answer is a link into the video
        page.click("text=Restart")
        assert page.locator(".turn").count() == 0

        page.click("[role=tab][id$='-locate']")
        _field(page, "Model").select_option("locator")
        _field(page, "Question").fill("Which colour?")
        _field(page, "Options").fill("red\nblue\ngreen")
        page.locator("[role=tabpanel] input[type=number]").nth(0).fill("16")
        page.locator("[role=tabpanel] input[type=number]").nth(1).fill("3")
        page.click("text=Locate and answer!")
        page.wait_for_selector(".gallery li >> nth=2")
        assert page.locator(".gallery li").count() == 3
        assert "blue" in page.inner_text(".answer")
        last = TellingPool.asked[-1]
        assert (last["options"], last["keys"]) == (["red", "blue", "green"], 3)
        assert last["frames"] == 16
        page.locator(".gallery button").nth(2).click()
        _at(page, 2.0)

        page.click("[role=tab][id$='-caption']")
        _field(page, "Model").select_option("talker")
        _field(page, "Language").select_option("zh")
        page.click("[role=tabpanel] button[type=submit]")
        page.wait_for_selector("[role=tabpanel] .list button")
        assert TellingPool.asked[-1]["lang"] == "zh"
        assert page.told == []
