"""Reads forms that browsers send."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

LONGEST_FORM = 100_000
"""Bytes; a comment fits many times."""

_MOST_FIELDS = 20


async def fields_of(request: Request) -> Mapping[str, str]:
    """The fields of a form; of two with the same name the last.

    Raises:
        HTTPException: it is too long, or no form.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise HTTPException(413, "This form is too long.")
    try:
        given = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400, "This is no form of these pages.") from error
    return dict(given)
