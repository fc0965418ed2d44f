"""Somebody with a real browser at the console of a real engine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from activities.source import git
from tests.support.command_line import call, said
from tests.support.environments import ADDRESS, DEVELOPER
from tests.support.lab import Repo
from tests.support.patience import patient
from tests.support.served import code_for
from workers.client.logins.links import address_of
from workers.core.settings import Settings

PATIENCE_MS = patient(45_000)
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Walker:
    """A person, their page, and what went wrong in it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def makes_a_passkey(self) -> str:
        """On their own page, by the link that they came in with; its fingerprint, as they read it there."""
        self.page.locator("form[data-key-step=passkey] button").click()
        shown = self.page.locator("#keys code", has_text="SHA256:").first
        expect(shown).to_be_visible()
        return shown.inner_text()

    def tabs_to(self, tag: str, text: str) -> None:
        """Presses the tabulator until this has the focus."""
        has_focus = (
            "([tag, text]) => document.activeElement.matches(tag) && document.activeElement.innerText.trim() === text"
        )
        for _ in range(90):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(has_focus, [tag, text]):
                return
        raise AssertionError(f"{text} cannot be reached")


def first_link(chosen: Settings, name: str) -> str:
    """Of the first administrator."""
    return address_of(chosen.engine()["server"], code_for(chosen, name))


class Administrator:
    """The first one, on a command line far away."""

    def __init__(self, chosen: Settings, folder: Path) -> None:
        self._env = {"SLUICEWAY_SERVER": chosen.engine()["server"], "XDG_CONFIG_HOME": str(folder)}
        self.says("login", first_link(chosen, "visitor"))

    def says(self, *words: str) -> str:
        """What a command prints that passes."""
        code, out, err = call(*words, env=self._env)
        assert code == 0, out + err
        return out

    def invites(self, name: str, role: str) -> str:
        """The link of somebody with this role on everything."""
        self.says("access", "grant", f"person:{name}", role, "project:default")
        return said("people", "invite", name).split()[0]


@contextmanager
def walker(browser: Browser, link: str, **context: Any) -> Iterator[Walker]:
    """Logs in by a one-time link, with an authenticator; afterwards nothing has gone wrong in the page."""
    opened = browser.new_context(base_url=link.partition("/login")[0], reduced_motion="reduce", **context)
    made = Walker(opened.new_page())
    made.page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    _with_authenticator(made.page)
    made.page.goto(link)
    made.page.locator("main button[type=submit], main button").first.click()
    made.page.wait_for_url("**/me*")
    yield made
    opened.close()
    assert made.complaints == []


def _with_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


class Pushed:
    """A bare repository with the hook of the engine, and a clone that is pushed to it."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "pushed.git"
        git.git("init", "-q", "--bare", "-b", "main", str(self.bare))
        said("identity", "add", DEVELOPER, "--email", ADDRESS)
        said("hook", "install", str(self.bare))
        self.clone = Repo.create(folder / "clone", {"README.md": "nothing yet"})

    def push(self, **files: str) -> None:
        """Commits, and pushes as a person does; names of files have `_yaml` for `.yaml`."""
        self.clone.commit({name.replace("_yaml", ".yaml"): text for name, text in files.items()})
        subprocess.run(
            ["git", "push", "-q", str(self.bare), "main"], cwd=self.clone.path, check=True, capture_output=True
        )
