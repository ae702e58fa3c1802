"""What every request passes on its way in and every response on its way out: names, forms, the token, headers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.serve.access import Access, is_same_origin
from grader.serve.forms import fields_of
from grader.serve.rendering import message_page, sign_in_page, style_hashes

PUBLIC = ("/live.css",)
"""What a browser gets without the token: it holds nothing of the gradebook."""

_SAFE = ("GET", "HEAD")


def security_headers() -> Mapping[str, str]:
    """For every response: nothing is loaded from elsewhere, framed, told to others, or kept."""
    policy = {
        "default-src": "'none'",
        "style-src": " ".join(("'self'", *style_hashes())),
        "script-src": "'self'",
        "connect-src": "'self'",
        "img-src": "data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


class Guard:
    """The application, behind what a request has to show."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access
        self._headers = security_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        answer = await self._answer(Request(scope, receive)) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send_with_headers)

    async def _answer(self, request: Request) -> Response | None:
        try:
            return await self._refusal(request)
        except HTTPException as error:
            return message_page(request, error.status_code, error.detail)

    async def _refusal(self, request: Request) -> Response | None:
        """The response to a request that is not to reach the application."""
        host = request.headers.get("host", "")
        if not self._access.is_reached_as(host):
            return message_page(request, 421, f"This server doesn't go by the name `{host}`.", _OTHER_NAME)
        if request.method not in _SAFE and not _is_own_form(request, host):
            return message_page(request, 403, "This form was sent from a page of another site.", _OPEN_AGAIN)
        if self._access.token is None or request.scope["path"] in PUBLIC:  # what the application goes by, too
            return None
        return await self._sign_in(request)

    async def _sign_in(self, request: Request) -> Response | None:
        """None for a browser that has given the token; else the page that asks for it, or the way on from there."""
        given = request.query_params.get("token") if request.method in _SAFE else None
        if given is None and self._access.knows_session(request.cookies.get(self._access.cookie, "")):
            return None
        if request.method == "POST":
            given = (await fields_of(request)).get("token")
        if given is None or not self._access.knows_token(given):
            return sign_in_page(request, is_wrong=given is not None)
        response = RedirectResponse(_same_page(request), 303)
        response.set_cookie(
            self._access.cookie,
            self._access.session,
            secure=request.scope["scheme"] == "https",
            httponly=True,
            samesite="strict",
        )
        return response


_OTHER_NAME = "If it should, start it with `--allow-host` and that name."
_OPEN_AGAIN = "Open the page here and send it from there."


def _is_own_form(request: Request, host: str) -> bool:
    return is_same_origin(request.headers.get("origin"), request.headers.get("sec-fetch-site"), host)


def _same_page(request: Request) -> str:
    """The page that was asked for, without the token; relative, as a proxy may have put a path before."""
    page = request.scope.get("raw_path", b"/").decode("ascii", "replace").rpartition("/")[2]
    asked = parse_qsl(request.scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
    query = [(name, value) for name, value in asked if name != "token"]
    return f"./{page}" + (f"?{urlencode(query)}" if query else "")
