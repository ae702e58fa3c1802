"""Who gets in: a token, the server's names, and nothing for anybody else."""

from __future__ import annotations

import re

import pytest

from grader.errors import UsageError
from grader.serve.access import Access, access, is_same_origin
from tests.serve.conftest import Serve, Served

TOKEN = "correct horse battery staple"


@pytest.fixture
def guarded(serve: Serve) -> Served:
    return serve(access(TOKEN, is_loopback=True, names=["grades.example.org"]))


def test_this_machine_alone_needs_no_token() -> None:
    assert access(None, is_loopback=True, names=()).token is None


def test_others_are_not_let_in_without_a_token() -> None:
    with pytest.raises(UsageError, match=r"takes a --token. Make one: python -c"):
        access(None, is_loopback=False, names=())


@pytest.mark.parametrize("token", ["", "short", "x" * 15])
def test_a_token_that_can_be_guessed_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="takes 16 characters"):
        access(token, is_loopback=True, names=())


@pytest.mark.parametrize("name", ["", "http://x", "a:80", "["])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no name of a host"):
        access(None, is_loopback=True, names=[name])


def test_secrets_are_not_written_out() -> None:
    known = Access(TOKEN)
    assert not [secret for secret in (TOKEN, known.session, known.form_key) if secret in repr(known)]


def test_two_starts_share_no_secret() -> None:
    one, other = Access(TOKEN), Access(TOKEN)
    assert {one.session, one.form_key, one.cookie}.isdisjoint({other.session, other.form_key, other.cookie})


@pytest.mark.parametrize(
    "path", ["/", "/students", "/students/ada", "/progress.json", "/downloads/gradebook.csv", "/x"]
)
def test_nothing_is_shown_without_the_token(guarded: Served, path: str) -> None:
    response = guarded.get(path)
    assert response.status_code == 401
    assert "Sign in" in response.text
    assert "Ada" not in response.text
    assert "Set-Cookie" not in response.headers


def test_the_token_in_an_address_opens_that_page_and_is_not_kept_in_it(guarded: Served) -> None:
    response = guarded.get("/students", params={"q": "ada & co", "token": TOKEN})
    assert (response.status_code, response.headers["Location"]) == (303, "./students?q=ada+%26+co")
    assert guarded.get("/students").status_code == 200


def test_the_token_in_the_form_opens_the_page_that_was_asked_for(guarded: Served) -> None:
    response = guarded.post("/students/ada?x=1", {"token": TOKEN})
    assert (response.status_code, response.headers["Location"]) == (303, "./ada?x=1")
    assert guarded.get("/students/ada").status_code == 200


def test_the_cookie_is_for_this_server_and_this_session_alone(guarded: Served) -> None:
    cookie = guarded.get("/", params={"token": TOKEN}).headers["Set-Cookie"]
    assert re.fullmatch(r"grader_\w+=[\w-]{40,}; HttpOnly; Path=/; SameSite=strict", cookie)
    assert TOKEN not in cookie


def test_behind_tls_the_cookie_is_never_sent_without_it(guarded: Served) -> None:
    response = guarded.get("/", params={"token": TOKEN}, headers={"X-Forwarded-Proto": "https"})
    assert "; Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "\udcff", "é"])
def test_a_wrong_token_opens_nothing(guarded: Served, token: str) -> None:
    for response in (
        guarded.get("/?token=" + "".join(f"%{byte:02x}" for byte in token.encode("utf-8", "surrogateescape"))),
        guarded.post("/", {"token": token.encode("utf-8", "surrogateescape")}),
    ):
        assert response.status_code in (400, 401)
        assert "Set-Cookie" not in response.headers


def test_a_wrong_token_is_called_wrong(guarded: Served) -> None:
    assert "This is not the token." in guarded.post("/", {"token": "wrong"}).text


def test_a_cookie_of_somebody_else_opens_nothing(guarded: Served) -> None:
    guarded.client.cookies.set(guarded.access.cookie, "x" * 43)
    assert guarded.get("/").status_code == 401


def test_an_address_that_leads_elsewhere_is_not_followed(guarded: Served) -> None:
    response = guarded.get("//evil.example/..%2f%5cevil.example", params={"token": TOKEN})
    assert response.headers["Location"].startswith("./")
    assert "//" not in response.headers["Location"]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "", "[", "a b", "127.0.0.1/live.css?x"],
)
def test_a_foreign_name_is_refused(served: Served, host: str) -> None:
    response = served.get("/students", headers={"Host": host})
    assert response.status_code in (400, 421)
    assert "Ada" not in response.text


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:8765", "10.1.2.3", "grades.example.org", "localhost."]
)
def test_names_of_its_own_and_addresses_are_known(host: str) -> None:
    assert access(None, is_loopback=True, names=["Grades.Example.org"]).is_reached_as(host)


@pytest.mark.parametrize(
    "host", ["localhost/live.css?", "127.0.0.1#", "evil.example@localhost", "[::1", "[::1]x", "localhost:x", ".", "::1"]
)
def test_a_name_that_could_be_taken_for_two_is_none(host: str) -> None:
    assert not access(None, is_loopback=True, names=()).is_reached_as(host)


@pytest.mark.parametrize("origin", ["http://[", "http://[evil", "", "http://evil.example/?@127.0.0.1"])
def test_an_origin_that_is_none_is_refused_like_a_foreign_one(served: Served, origin: str) -> None:
    response = served.post("/students/ada", {"form_key": served.access.form_key}, headers={"Origin": origin})
    assert response.status_code == 403


def test_a_form_of_another_site_is_told_by_its_origin() -> None:
    host = "grades.example.org:8765"
    assert is_same_origin("https://grades.example.org:8765", "same-origin", host)
    assert is_same_origin("null", None, host)
    assert not is_same_origin("https://evil.example", None, host)
    assert not is_same_origin("null", "cross-site", host)
    assert not is_same_origin("http://grades.example.org:1", None, host)
