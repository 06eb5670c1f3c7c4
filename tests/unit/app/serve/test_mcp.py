"""The door for assistants, asked by the official client."""

import base64
import json
from functools import partial
from pathlib import Path

import anyio
import pytest
from mcp import Client, MCPError

from whenabouts.app.mcp_server import make_mcp
from whenabouts.library.watcher_pool import WatcherPool


@pytest.fixture(scope="module")
def ask(films):
    """Ask the server one thing."""
    server = make_mcp(films, WatcherPool(films, {}))

    async def ask(name, *args, **kwargs):
        async with Client(server) as client:
            return await getattr(client, name)(*args, **kwargs)

    return lambda name, *args, **kwargs: anyio.run(partial(ask, name, *args, **kwargs))


def _call(ask, tool, **arguments):
    answer = ask("call_tool", tool, arguments)
    assert not answer.is_error, answer.content
    return answer.structured_content


def test_tools_say_what_they_do(ask):
    tools = {tool.name: tool for tool in ask("list_tools").tools}
    assert set(tools) == {"search", "ground", "ask", "export", "videos"}
    assert all(tool.description for tool in tools.values())
    assert tools["search"].input_schema["properties"]["query"]["description"]


def test_a_search_leads_to_a_moment_its_words_and_its_picture(ask, ids):
    found = _call(ask, "search", query="blue", unsure=True)["moments"][0]
    assert found["id"].startswith(ids["sea.mp4"])
    (text,) = ask("read_resource", found["resource"]).contents
    moment = json.loads(text.text)
    assert moment["path"].endswith("sea.mp4")
    assert any("alert(1)" in line["text"] for line in moment["texts"])
    (blob,) = ask("read_resource", f"whenabouts://picture/{found['id']}").contents
    assert base64.b64decode(blob.blob).startswith(b"\xff\xd8")


def test_ground_and_videos(ask):
    found = _call(ask, "ground", video="sunset.mp4", query="yellow")["moments"][0]
    assert found["start_s"] >= 6
    assert [one["name"] for one in _call(ask, "videos", name="SEA")["videos"]] == ["sea.mp4"]


@pytest.mark.parametrize("to", ["clip", "fcpxml"])
def test_an_export_lies_on_the_disk(ask, ids, to):
    files = _call(ask, "export", moments=[f"{ids['sea.mp4']}@1-3"], to=to)["files"]
    assert all(Path(file).stat().st_size > 100 for file in files)


def test_what_is_refused_is_told_with_the_next_step(ask):
    answer = ask("call_tool", "ask", {"video": "sea.mp4", "question": "What is it?"})
    assert answer.is_error
    assert "language model" in answer.content[0].text
    answer = ask("call_tool", "ground", {"video": "nothing", "query": "x"})
    assert answer.is_error
    assert "no video of this library" in answer.content[0].text
    with pytest.raises(ExceptionGroup) as found:
        ask("read_resource", "whenabouts://moment/..%2F..%2Fetc%2Fpasswd")
    assert found.group_contains(MCPError, match="Unknown resource")
