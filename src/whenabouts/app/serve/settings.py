"""Settings of the server."""

from __future__ import annotations

from pydantic import Field

from whenabouts.settings import Settings


class ServeSettings(Settings):
    """How a library is served, and what a request may cost."""

    host: str = "127.0.0.1"
    """Address to listen on; beyond loopback every request needs the token."""
    port: int = Field(default=8765, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    token: str = ""
    """What every request must show; empty: nothing, which is for loopback only."""
    hosts: tuple[str, ...] = ()
    """More names under which the server is reached; others are refused (DNS rebinding)."""
    body_bytes: int = 1 << 20
    """Largest JSON body."""
    picture_bytes: int = 20 << 20
    """Largest picture to search with."""
    upload_bytes: int = 8 << 30
    """Largest video that can be uploaded."""
    request_s: float = 60.0
    """A request whose answer has not begun after so long is given up."""
    quiet_s: float = 20.0
    """A request body may pause for so long."""
    requests: int = Field(default=128, gt=0)
    """Requests at once; more are told to come back."""
    threads: int = Field(default=4, gt=0)
    """Searches and other short work at once; the rest waits its turn."""
    rate_hz: float = Field(default=200.0, gt=0)
    """Requests a second that one address may make on average."""
    burst: int = Field(default=600, gt=0)
    """Requests that one address may make at once."""
    wrong_tokens: int = Field(default=10, gt=0)
    """Wrong tokens that one address may show in a minute."""
    models: tuple[str, ...] = ()
    """Folders of video LLMs that may be asked; `frames` always may."""
    picture_px: int = Field(default=480, gt=0)
    """Width of pictures of frames."""
