"""`release wait` as a hook of another deployer calls it: its exit code says what became of the release."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.core.errors import SluicewayError
from tests.support.memory_client import World
from tests.support.memory_client.releases import MemoryReleases
from tests.workers.cli.near_and_far.conftest import Said
from workers.cli import release_wait


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_wait, "EVERY_S", 0)


def _wait(say: Said, *options: str, environment: str = "staging") -> tuple[int, str]:
    answer = say("release", "wait", "web-shop", "-e", environment, "--timeout", "0", *options)
    return answer.exit_code, answer.output


@pytest.mark.parametrize(
    ("options", "environment", "code"),
    [
        (("--version", "1.4.10"), "production", 0),
        (("--release", "6"), "production", 4),
        (("--release", "4"), "production", 1),
        (("--release", "12"), "production", 6),
        (("--version", "not-yet"), "production", 6),
        (("--version", "1.4.10", "--for", "proven"), "production", 1),
        (("--release", "6", "--for", "ended"), "production", 0),
        (("--for", "ended"), "nowhere", 0),
        (("--for", "live"), "nowhere", 6),
    ],
)
def test_the_exit_code_says_what_became_of_it(say: Said, options: tuple[str, ...], environment: str, code: int):
    found, told = _wait(say, *options, environment=environment)
    assert found == code, told


def test_json_names_the_release(say: Said):
    told = json.loads(_wait(say, "--release", "6", "--json", environment="production")[1])
    assert (told["release"], told["verdict"], told["answer"]) == (
        "release/web-shop/production/6",
        "rolled-back",
        "back",
    )


def test_what_evidence_has_shown_is_proven(say: Said, world: World):
    id_ = "release/web-shop/production/10"
    world.releases[id_] = replace(world.releases[id_], proven=True)
    assert _wait(say, "--release", "10", "--for", "proven", environment="production")[0] == 0


def test_a_server_that_does_not_answer_is_asked_again(near: Said, monkeypatch: pytest.MonkeyPatch):
    asked, listed = [], MemoryReleases.list

    async def first_away(self: MemoryReleases, *args: object) -> object:
        asked.append(args)
        if len(asked) == 1:
            raise SluicewayError("SLW470", "the server does not answer", transient=True)
        return await listed(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(MemoryReleases, "list", first_away)
    answer = near("release", "wait", "web-shop", "-e", "production", "--version", "1.4.10", "--timeout", "60")
    assert (answer.exit_code, len(asked)) == (0, 2)
