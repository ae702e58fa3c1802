"""Who may see the pages: a token, the names of this server, and where a form may come from. No page is made here."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.errors import UsageError
from grader.model.visible import visible

SHORTEST_TOKEN = 16
"""Characters; whoever guesses tries one on the network, so this many random ones are out of reach."""

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s\[\]:/?#@\\%]+))(?::[0-9]*)?", re.IGNORECASE)
"""A name or an address, and perhaps a port: what holds more would be taken apart differently by others."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a request has to show. A new one is made at each start, so that a restart ends everybody's session."""

    token: str | None = field(default=None, repr=False)
    """What staff know; None where everybody who reaches the server may see everything."""

    names: frozenset[str] = frozenset()
    """Host names under which browsers reach the server, besides `localhost` and plain addresses."""

    session: str = field(default_factory=secrets.token_urlsafe, repr=False)
    """What a browser shows after it has given the token."""

    cookie: str = field(default_factory=lambda: f"grader_{secrets.token_hex(4)}")
    """Name of the cookie that holds it: browsers don't keep the cookies of two ports apart."""

    form_key: str = field(default_factory=secrets.token_urlsafe, repr=False)
    """What every form of ours sends along; another site's page can't know it."""

    def knows_token(self, given: str) -> bool:
        """Whether this is the token."""
        return self.token is not None and _same(given, self.token)

    def knows_session(self, given: str) -> bool:
        """Whether a browser with this cookie has given the token."""
        return _same(given, self.session)

    def knows_form(self, given: str) -> bool:
        """Whether a form that sends this is ours."""
        return _same(given, self.form_key)

    def is_reached_as(self, host: str) -> bool:
        """Whether a request to this host, of its header `Host`, is meant for this server.

        A page of another site that has its own name lead to this machine (DNS rebinding) is told by that name; an
        address can't be made to lead elsewhere.
        """
        name = _name_of(host)
        return name is not None and (_is_address(name) or name == "localhost" or name in self.names)


def access(token: str | None, *, is_loopback: bool, names: Iterable[str]) -> Access:
    """What requests have to show.

    Raises:
        UsageError: everybody on the network could come in, the token can be guessed, or a name is none.
    """
    if token is None and not is_loopback:
        raise UsageError(f"Other machines could reach this address, so it takes a --token. {_MAKE_ONE}")
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise UsageError(f"The token is too short: it takes {SHORTEST_TOKEN} characters. {_MAKE_ONE}")
    known = {given: _name_of(given) for given in names}
    for given, name in known.items():
        if name is None or ":" in given:
            raise UsageError(f"`{visible(given)}` is no name of a host. Name one like grades.example.org.")
    return Access(token, frozenset(name for name in known.values() if name))


_MAKE_ONE = 'Make one: python -c "import secrets; print(secrets.token_urlsafe())"'


def is_same_origin(origin: str | None, fetch_site: str | None, host: str) -> bool:
    """Whether a form was sent from a page of this server, as far as the browser tells.

    Our pages send no referrer, and browsers then write `null` for the origin of their forms; the form's key decides.
    """
    if fetch_site not in (None, "same-origin", "none"):
        return False
    return origin in (None, "null") or origin.lower().partition("://")[2] == host.lower()


def _same(given: str, secret: str) -> bool:
    """Compared in a time that doesn't tell how much of it is right."""
    return secrets.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass"))


def _name_of(host: str) -> str | None:
    found = _HOST.fullmatch(host)
    return ((found[1] or found[2]).lower().rstrip(".") or None) if found else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
