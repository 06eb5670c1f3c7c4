"""Who may come in: the token, the cookie made of it, the names and origins that are ours."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import socket
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

COOKIE = "whenabouts"


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Door:
    """Checks tokens in constant time. Without a token everyone may come in."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        mark = hmac.new(self._token, b"whenabouts cookie", hashlib.sha256)
        self._cookie = mark.hexdigest().encode()

    @property
    def locked(self) -> bool:
        """Whether a token is asked for."""
        return bool(self._token)

    def opens(self, token: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token)

    def cookie(self, *, secure: bool) -> str:
        """The header that lets a browser show the token with pictures and videos, too."""
        rest = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
        return f"{COOKIE}={self._cookie.decode()}{rest}"

    def admits(self, authorization: str, cookies: str) -> bool:
        """Whether the headers of a request show the token."""
        if not self.locked:
            return True
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer" and self.opens(token.strip()):
            return True
        try:
            shown = SimpleCookie(cookies).get(COOKIE)
        except CookieError:
            return False
        value = "" if shown is None else shown.value
        return hmac.compare_digest(value.encode("utf-8", "replace"), self._cookie)


class Names:
    """The names under which this server may be asked.

    A page of another site can point its own name at our address (DNS rebinding); it cannot make a
    browser send an address in figures, `localhost` or our own names as Host.
    """

    def __init__(self, more: Iterable[str]) -> None:
        own = socket.gethostname().lower()
        self._known = {"localhost", own, own.partition(".")[0], *(name.lower() for name in more)}

    def knows(self, host: str) -> bool:
        """Whether a Host header is ours."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in self._known:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def same_origin(origin: str, host: str) -> bool:
    """Whether the page that asks was served by us."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
