"""The frame of every page: escaped, in the reader's language, with nothing that the policy of contents refuses."""

from __future__ import annotations

import re

import pytest

from domain.access.principal import ANONYMOUS
from tests.workers.console.site import Everybody, reader
from workers.console import assets, i18n, links
from workers.console.rendering import environment_of


def test_who_is_not_logged_in_is_asked_to_and_comes_back():
    with reader(principal=ANONYMOUS) as client:
        answer = client.get("/runs?text=a%26b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fruns%3Ftext%3Da%2526b")


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("ko", "en", "ko"),
        ("", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("", "fr,en;q=0.5,ko;q=0.7", "ko"),
        ("xx", "en-GB", "en"),
        ("", ";q=,\x00;q=x" * 500, "en"),
        ("", "", "en"),
    ],
)
def test_the_language_is_the_chosen_one_then_the_browsers(chosen: str, accepted: str, language: str):
    assert i18n.choose(chosen, accepted) == language


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", ""]
)
def test_no_form_leads_to_another_server(path: str):
    with reader() as client:
        answer = client.post("/preferences", data={"language": "ko", "theme": "dark", "back": path})
    assert answer.headers["location"] == "/"
    assert links.inside(path) == "/"


def test_a_page_asked_for_as_another_hosts_leads_to_no_other_host() -> None:
    assert links.again("//e.example/x", {"after": "1"}, lang="ko") == "/e.example/x?after=1&lang=ko"


def test_preferences_are_kept_and_what_is_unknown_is_not():
    with reader() as client:
        answer = client.post("/preferences", data={"language": "ko", "theme": "<b>", "back": "/runs"})
        assert (answer.headers["location"], client.cookies.get("theme")) == ("/runs", None)
        assert '<html lang="ko"' in client.get("/").text


def test_a_static_file_is_kept_for_a_year_under_its_digest_alone():
    with reader() as client:
        kept = client.get(assets.address("console.css"))
        other = client.get("/static/000000000000/console.css")
        missing = client.get(f"/static/{assets.version()}/../rendering.py")
    assert "immutable" in kept.headers["cache-control"]
    assert other.headers["cache-control"] == "no-cache"
    assert missing.status_code == 404


def test_no_page_has_an_inline_script_or_style():
    with reader() as client:
        text = client.get("/runs").text
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", text.split("<main")[0]) == []


def test_an_error_has_its_title_in_the_readers_language_and_its_own_sentence():
    with reader(headers={"Accept-Language": "ko"}) as client:
        text = client.get("/runs/web-shop/999").text
    assert "실행 기록이 없습니다" in text
    assert ("SLW911" in text, "no record of web-shop/999" in text) == (True, True)


@pytest.mark.parametrize("path", ["/nowhere", "/runs/web/1/2/3/4", "/static/x/none.css/", "/approvals"])
def test_at_an_unknown_address_people_get_the_console_and_programs_json(path: str):
    with reader(headers={"Cookie": "language=ko"}) as client:
        found = client.get(path)
        posted = client.post(path, data={})
        program = client.get(path, headers={"Accept": "application/json"})
    if "/static/" not in path:
        assert (found.status_code, "SLW472" in found.text, 'id="menu"' in found.text) == (404, True, True)
        assert "여기에는 그런 것이 없습니다" in found.text
        assert 'id="menu"' in posted.text
    assert (program.status_code, program.json()["code"]) == (404, "SLW472")


def test_an_unknown_address_says_nothing_of_the_console_to_a_stranger():
    with reader(principal=ANONYMOUS) as client:
        found = client.get("/nowhere")
    assert (found.status_code, 'id="menu"' in found.text) == (404, False)


def test_an_error_has_its_page_though_nobody_can_be_asked_who_looks(monkeypatch: pytest.MonkeyPatch):
    async def away(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Everybody, "caller", away)
    with reader() as client:
        assert "SLW472" in client.get("/nowhere").text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "superseded by 접수/1; it is mine"), ("ko", "접수/1(으)로 대체되었습니다; it is mine")],
)
def test_the_engines_own_sentences_are_said_in_the_readers_language(language: str, said: str):
    assert environment_of(language).filters["said"]("superseded by 접수/1; it is mine") == said


def test_what_a_sentence_names_is_shown_as_every_value_is():
    text = environment_of("en").from_string(
        '{{ _("of %(name)s", name=name) }}{{ ngettext("%(num)s %(x)s", "", 1, x=name) }}'
    )
    assert text.render(name="\x1b<b>\u202e") == "of \\x1b&lt;b&gt;\\u202e1 \\x1b&lt;b&gt;\\u202e"
