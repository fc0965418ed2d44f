"""Logging in with a real browser and a virtual authenticator: a link, a passkey, a second factor, a provider's page."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from activities.access.key_registry import enrolment, public_of
from activities.access.secret_values import new
from domain.access.entrance import local_url
from domain.access.link_code import login_hash_of, login_of
from domain.authority.registrations import ADMINISTRATOR, Registration, Topic
from tests.support.authenticator import Authenticator
from tests.support.link_codes import by_code, invite
from tests.support.memory_client import World, memory_client
from tests.workers.api.logging_in import Server
from workers.api.auth import COOKIE
from workers.client.ports.access import KeyRow, PersonRow
from workers.client.ports.client import Client

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

SWAPPED = """(other) => {
  const asked = window.fetch;
  window.fetch = async (path, ...rest) => {
    const answer = await asked(path, ...rest);
    if (!path.endsWith("/me/keys/passkey")) return answer;
    const said = await answer.json();
    said.statement.body.public = other;
    return new Response(JSON.stringify(said));
  };
}"""
"""A server that answers with a statement about a key of its own."""


@contextmanager
def serving(folder: Path, client: Client | None = None) -> Iterator[Server]:
    """On a port of its own, until the test ends. `client`: what pages ask."""
    link = socket.create_server(("127.0.0.1", 0))
    server = Server(folder, origin=local_url(link.getsockname()[1]))
    config = uvicorn.Config(server.app(client), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [link]}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        running.should_exit = True
        thread.join(10)


def with_a_passkey(browser: Browser, server: Server, language: str = "en-US") -> tuple[BrowserContext, Page]:
    """Ann, by a link and with a key of her own."""
    context, page = page_with_authenticator(browser, server, language)
    page.goto(f"/login/link#{server.link()}")
    page.locator("form[data-login=link] button[type=submit]").click()
    page.wait_for_url(f"{server.origin}/me#keys")
    page.locator("form[data-key-step=passkey] button").click()
    expect(page.locator("#keys code", has_text="SHA256:").first).to_be_visible()
    return context, page


def page_with_authenticator(browser: Browser, server: Server, language: str = "en-US") -> tuple[BrowserContext, Page]:
    context = browser.new_context(base_url=server.origin, locale=language)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return context, page


def test_a_person_follows_a_link_makes_a_passkey_and_logs_in_by_it(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.person()
        context, page = page_with_authenticator(browser, server)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        code = server.link()
        page.goto(f"/login/link#{code}")
        assert code not in page.url
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{server.origin}/me#keys")
        assert not any(code in url for url in sent)
        assert [
            one["name"] for one in context.cookies() if "sluiceway" in one["name"] and "probe" not in one["name"]
        ] == [COOKIE]
        page.locator("#field-passkey-label").fill("laptop")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        page.goto("/login?next=/me")
        page.get_by_role("button", name="Log in with a passkey").click()
        page.wait_for_url(f"{server.origin}/me")
        before = context.cookies()
        page.goto("/login/step-up?next=/me")
        page.get_by_role("button", name="Confirm with a passkey").click()
        page.wait_for_url(f"{server.origin}/me")
        assert context.cookies() != before
        context.close()


def test_a_page_makes_the_same_of_a_code_as_a_command_line(browser: Browser, tmp_path: Path) -> None:
    code = new()
    with serving(tmp_path) as server:
        context = browser.new_context(base_url=server.origin)
        page = context.new_page()
        page.goto("/login")
        asked = """async (code) => {
          const one = await import(new URL("code.js", document.querySelector("script[src*='js/login.js']").src));
          return [await one.loginOf(code), await one.loginHashOf(code), await one.publicOf(code)];
        }"""
        assert page.evaluate(asked, code) == [login_of(code), login_hash_of(code), public_of(code)]
        context.close()


def test_a_page_signs_for_no_key_that_the_server_puts_in_the_place_of_ones_own(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path) as server:
        server.person()
        context, page = page_with_authenticator(browser, server)
        page.goto(f"/login/link#{server.link()}")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{server.origin}/me#keys")

        page.evaluate(SWAPPED, Authenticator().person_key.public)
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was signed")
        page.reload()
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("cell", name="passkey", exact=True)).to_be_visible()
        context.close()


def test_a_link_that_was_used_says_so_and_the_page_stays(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.person()
        context, page = page_with_authenticator(browser, server)
        page.goto("/login/link")
        page.get_by_label("Link or code").fill("a" * 43)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("not accepted")
        context.close()


def test_another_site_reads_and_changes_nothing_of_a_session(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with serving(tmp_path / "a") as server, serving(tmp_path / "b") as evil:
        server.person()
        context, page = page_with_authenticator(browser, server)
        page.goto(f"/login/link#{server.link()}")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{server.origin}/me#keys")
        page.goto(f"{evil.origin}/login")
        asked = (
            "([url, method]) => fetch(url, {method, credentials: 'include'}).then((a) => a.text(), (e) => 'refused')"
        )
        assert page.evaluate(asked, [f"{server.origin}/who", "GET"]) == "refused"
        page.evaluate(asked, [f"{server.origin}/me/logout", "POST"])
        page.goto(f"{server.origin}/me")
        expect(page.get_by_role("heading", name="ann")).to_be_visible()
        context.close()


@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
def test_pages_of_logins_have_no_violation_of_wcag(browser: Browser, tmp_path: Path, language: str) -> None:
    with serving(tmp_path) as server:
        server.person()
        context = browser.new_context(base_url=server.origin, locale=language)
        page = context.new_page()
        for path in ("/login", "/login/link", "/login/step-up"):
            page.goto(path)
            assert Axe().run(page).violations_count == 0, path
        page.goto(f"/login/link#{server.link()}")
        page.locator("form[data-login=link] button[type=submit]").click()
        page.wait_for_url(f"{server.origin}/me#keys")
        assert Axe().run(page).violations_count == 0
        page.goto("/login/device")  # the page of a second factor, which comes first
        assert Axe().run(page).violations_count == 0
        context.close()


@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
def test_a_command_line_is_let_in_on_pages_without_a_violation_of_wcag(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with serving(tmp_path) as server:
        server.person()
        context, page = with_a_passkey(browser, server, language)
        with server.program() as terminal:
            device = terminal.post("/api/v1/login/device", json={"host": "laptop"}).json()
        page.goto("/login/step-up?next=/login/device")
        page.locator("form[data-step-up] button[type=submit]").click()
        page.wait_for_url(f"{server.origin}/login/device")
        assert Axe().run(page).violations_count == 0
        page.locator("#field-code").fill(device["user_code"])
        page.locator("button[value=look]").click()
        assert Axe().run(page).violations_count == 0
        page.locator("button[value=allow]").click()
        page.wait_for_url("**/login/device?done=allow")
        assert Axe().run(page).violations_count == 0
        context.close()


def test_an_administrator_confirms_the_first_key_of_another_in_the_list_of_people(
    browser: Browser, tmp_path: Path
) -> None:
    world, first = World(), Authenticator().person_key
    key = KeyRow(id="k", kind="passkey", label="phone", fingerprint=first.fingerprint)
    world.people["bob"] = PersonRow(name="bob", keys=(key,))
    with serving(tmp_path, memory_client(world)) as server:
        said = enrolment("bob", first)
        server.registry.register(said, by_code(said, invite(server.registry, "bob")))
        server.person()
        context, page = with_a_passkey(browser, server)
        for own in server.registry.register_.people["ann"].keys:
            statement = Registration(topic=Topic.CONFIRMED, name="ann", body={"fingerprint": own.fingerprint})
            server.registry.register(statement)
        roles = Registration(topic=Topic.PERSON, name="ann", body={"groups": [], "roles": [ADMINISTRATOR]})
        server.registry.register(roles)
        page.goto("/login/step-up?next=/people")
        page.get_by_role("button", name="Confirm with a passkey").click()
        page.wait_for_url(f"{server.origin}/people")
        with page.expect_response("**/api/v1/me/keys") as answer:
            page.get_by_role("button", name="Confirm the key of bob").click()
        assert answer.value.status == 204
        assert server.registry.register_.people["bob"].confirmed == (first.fingerprint,)
        context.close()
