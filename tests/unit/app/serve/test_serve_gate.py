"""The gate: hosts, tokens, origins, sizes, rates, and files that nobody may read."""

import os
from urllib.parse import quote

import pytest
from serving import make_library, served

from whenabouts.app.serve.files import inside, readable_file, type_of
from whenabouts.app.serve.problems import NotFoundError
from whenabouts.app.serve.rates import Buckets
from whenabouts.app.serve.server import make_server
from whenabouts.app.serve.settings import ServeSettings
from whenabouts.app.serve.tokens import Door, Names, is_loopback, new_token, same_origin
from whenabouts.app.serve.uploads import safe_name
from whenabouts.errors import InputError

TOKEN = "a-token-for-tests"
SECRET = b"SECRET-OF-THE-MACHINE"


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A library whose files a test may change."""
    folder = tmp_path_factory.mktemp("own")
    with make_library(folder) as library:
        yield folder, library


@pytest.fixture(scope="module")
def locked(own):
    with served(own[1], host="0.0.0.0", token=TOKEN, hosts=("videos.example",)) as client:
        yield client


# Who may come in


def test_beyond_loopback_there_is_no_server_without_a_token(own):
    with pytest.raises(InputError, match="needs a token"):
        make_server(own[1], ServeSettings(host="0.0.0.0"))


def test_every_route_asks_for_the_token(locked):
    schema = locked.get("/api/v1/openapi.json", headers={"authorization": f"Bearer {TOKEN}"}).json()
    paths = [
        path.replace("{video}", "0" * 32).replace("{job}", "0" * 16) for path in schema["paths"]
    ]
    for path in [*paths, "/", "/web/app.js", "/api/v1/openapi.json", "/nothing"]:
        assert locked.get(path).status_code == 401, path
        assert locked.post(path).status_code in (401, 429), path


def test_the_token_opens_as_header_and_as_cookie(locked):
    right = {"authorization": f"Bearer {TOKEN}"}
    assert locked.get("/api/v1/health", headers=right).status_code == 200
    entered = locked.get("/", params={"token": TOKEN, "v": "x"})
    assert entered.status_code == 303
    assert entered.headers["location"] == "/?v=x"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert TOKEN not in cookie
    locked.cookies.clear()
    shown = {"cookie": cookie.partition(";")[0]}
    assert locked.get("/api/v1/health", headers=shown).status_code == 200
    assert locked.get("/api/v1/health", headers={"cookie": "whenabouts=x"}).status_code == 401


def test_a_browser_is_asked_and_let_in_by_a_form(locked):
    asked = locked.get("/", headers={"accept": "text/html"})
    assert asked.status_code == 401
    assert "<form" in asked.text
    form = {"content-type": "application/x-www-form-urlencoded"}
    entered = locked.post("/login", content=f"token={TOKEN}", headers=form)
    assert entered.status_code == 303
    assert entered.headers["location"] == "/"
    locked.cookies.clear()


def test_wrong_tokens_are_slowed_down(own):
    with served(own[1], host="0.0.0.0", token=TOKEN, wrong_tokens=3) as client:
        wrong = {"authorization": "Bearer nonsense"}
        codes = [client.get("/api/v1/health", headers=wrong).status_code for _ in range(5)]
        assert codes == [401, 401, 401, 429, 429]
        right = {"authorization": f"Bearer {TOKEN}"}
        assert client.get("/api/v1/health", headers=right).status_code == 200


def test_tokens_are_compared_in_constant_time(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "whenabouts.app.serve.tokens.hmac.compare_digest",
        lambda a, b: seen.append((a, b)) or a == b,
    )
    door = Door(TOKEN)
    assert door.opens(TOKEN)
    assert not door.opens("short")
    assert len(seen) == 2
    assert len(new_token()) >= 32


def test_a_door_without_a_token_is_open():
    assert Door("").admits("", "")
    assert not Door("x").admits("Basic x", "")
    assert not Door("x").admits("Bearer ", "whenabouts=")


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8765", True),
        ("localhost", True),
        ("[::1]:80", True),
        ("192.168.1.4:8765", True),
        ("videos.example:1", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_hosts_that_a_foreign_page_can_own_are_refused(host, known):
    assert Names(["videos.example"]).knows(host) is known


def test_a_rebound_name_reaches_nothing(client):
    answer = client.get("/api/v1/health", headers={"host": "evil.example"})
    assert answer.status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_pages_of_other_sites_cannot_change_anything(client, headers, status):
    answer = client.post("/api/v1/search", json={"query": "red"}, headers=headers)
    assert answer.status_code == status


def test_a_simple_form_of_another_site_is_no_call(client):
    answer = client.post(
        "/api/v1/search", content=b'{"query": "red"}', headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 422


def test_loopback_and_origins():
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("evil.example")
    assert same_origin("https://a:1", "a:1")
    assert not same_origin("https://a:2", "a:1")
    assert not same_origin("file://a", "a")


# What goes out


def test_every_answer_is_protected(client, ids):
    for path in ("/", "/api/v1/health", "/nothing", f"/api/v1/videos/{ids['sea.mp4']}/file"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_the_page_has_no_inline_script_and_asks_nobody_else(client):
    from whenabouts.app.serve.routes_page import assets

    total = 0
    for name, asset in assets().items():
        total += len(asset.body)
        text = asset.body.decode()
        assert client.get(f"/web/{name}").status_code == 200
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in text, f"{name} has {word}"
    page = client.get("/").text
    assert "<script>" not in page
    assert " style=" not in page
    assert " on" + "click" not in page
    assert total < 300_000


def test_a_fault_tells_nothing_of_the_machine(films, monkeypatch):
    with served(films) as client:
        monkeypatch.setattr(type(films), "videos", lambda self: 1 / 0)
        answer = client.get("/api/v1/videos")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "division" not in answer.text


# How much and how often


def test_large_bodies_are_refused_whether_told_or_not(films):
    with served(films, body_bytes=2000) as client:
        long = {"query": "red " * 1000}
        assert client.post("/api/v1/search", json=long).status_code == 413

        def pieces():
            for _ in range(100):
                yield b" " * 100

        untold = client.post(
            "/api/v1/search", content=pieces(), headers={"content-type": "application/json"}
        )
        assert untold.status_code == 413


def test_who_asks_too_often_waits(films):
    with served(films, rate_hz=0.5, burst=3) as client:
        codes = [client.get("/api/v1/health").status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        assert int(client.get("/api/v1/health").headers["retry-after"]) >= 1


def test_a_bucket_fills_with_time():
    now = [0.0]
    buckets = Buckets(2.0, 2, lambda: now[0])
    assert [buckets.wait_s("a") for _ in range(3)] == [0, 0, 0.5]
    assert buckets.wait_s("b") == 0
    now[0] = 0.5
    assert buckets.wait_s("a") == 0
    assert buckets.empty("a")


def test_what_takes_too_long_is_given_up(films, monkeypatch):
    import time

    with served(films, request_s=0.2) as client:
        monkeypatch.setattr(type(films), "status", lambda self: time.sleep(1.0))
        answer = client.get("/api/v1/library")
    assert answer.status_code == 504


# Files


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "..%5csecret.txt",
        "%252e%252e%252fsecret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "....//secret.txt",
        "secret.txt%00.js",
        "index.html/../../secret.txt",
        "..\\secret.txt",
        "%c0%ae%c0%ae/secret.txt",
    ],
)
def test_no_path_leads_out(own, client, name):
    folder = own[0]
    (folder / "secret.txt").write_bytes(SECRET)
    for root in ("/web/", "/api/v1/videos/", "/api/v1/exports/0123456789abcdef/", "/"):
        for tail in ("", "/file", "/picture"):
            answer = client.get(f"{root}{name}{tail}")
            assert answer.status_code in (400, 404, 405, 422), (root, name, answer.status_code)
            assert SECRET not in answer.content
            assert b"root:" not in answer.content
    quoted = client.get(f"/api/v1/videos/{quote(str(folder / 'secret.txt'), safe='')}/file")
    assert quoted.status_code in (404, 422)


def test_a_file_that_has_changed_or_become_a_link_is_not_served(own):
    folder, library = own
    rows = {row.path.rsplit("/", 1)[-1]: row for row in library.videos()}
    path = folder / "films" / "field.mp4"
    video = rows["field.mp4"].id
    assert readable_file(library, video)[0] == path.resolve()
    kept, stat = path.read_bytes(), path.stat()
    secret = folder / "outside.mp4"
    secret.write_bytes(kept)
    os.utime(secret, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    path.unlink()
    path.symlink_to(secret)  # the same size and date, but it lies outside
    with pytest.raises(NotFoundError, match="outside the library's folders"):
        readable_file(library, video)
    path.unlink()
    path.write_bytes(b"x" * len(kept))  # the same size, another date
    with pytest.raises(NotFoundError, match="changed"):
        readable_file(library, video)
    path.unlink()
    path.mkdir()
    with pytest.raises(NotFoundError):
        readable_file(library, video)
    path.rmdir()
    path.write_bytes(kept)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert readable_file(library, video)[0] == path.resolve()


def test_only_plain_files_of_a_folder_are_inside(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    assert inside(tmp_path, "a.csv").read_text() == "x"
    for name in (
        "link.csv",
        "folder",
        "..",
        ".",
        "",
        "../a.csv",
        "a.csv/",
        "a\x00",
        "folder/../a.csv",
    ):
        with pytest.raises(NotFoundError):
            inside(tmp_path, name)


def test_nothing_of_the_library_is_ever_a_page():
    from pathlib import Path

    for name in ("x.html", "x.svg", "x.js", "x.xhtml", "x", "x.MP4.html"):
        assert type_of(Path(name)) == "application/octet-stream"
    assert type_of(Path("X.MP4")) == "video/mp4"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a b.mp4", "a b.mp4"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.mp4", "x.mp4"),
        (".hidden.mp4", "hidden.mp4"),
        ("\x00\n.mp4", "__.mp4"),
        ("...", "upload"),
        ("视频.mp4", "视频.mp4"),
        ("a" * 300 + ".mp4", "a" * 96 + ".mp4"),
    ],
)
def test_names_of_uploads_stay_in_their_folder(name, kept):
    assert safe_name(name) == kept
