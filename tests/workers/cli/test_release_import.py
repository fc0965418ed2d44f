"""release import shows its plan before anything is done, and does nothing without a yes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from domain.releases.kubernetes.living import Living
from tests.domain.releases.kubernetes.test_adoption import LIVING, PLACE
from workers.cli import release_import
from workers.cli.main import cli
from workers.client.ports.releases import ReleaseRow

COMMAND = ["release", "import", "shop", "-e", "production"]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was begun; the cluster has a Deployment `shop`."""
    found: list[Any] = []

    def imported(**asked: Any) -> ReleaseRow:
        found.append(asked["deployment"])
        id_, reason = "release/shop/production/0", "version 1.4 is live"
        return ReleaseRow(id=id_, service="shop", environment="production", number=0, verdict="live", reason=reason)

    def planned(asked: Any) -> Any:
        from domain.releases.kubernetes.adoption import plan

        return plan(asked, LIVING if asked.workload == "shop" else Living())

    monkeypatch.setattr(release_import, "_place", lambda environment: PLACE)
    monkeypatch.setattr(release_import, "_planned", planned)
    monkeypatch.setattr(release_import, "_imported", imported)
    return found


def run(*more: str, said: str = "") -> Any:
    return CliRunner().invoke(cli, [*COMMAND, *more], input=said)


def test_the_plan_alone_does_nothing(done: list[Any]) -> None:
    shown = run("--dry-run")
    assert (shown.exit_code, done) == (0, [])
    assert "Service shop-r0, which leads to pods with app=shop" in shown.output
    assert "note: Service shop stays" in shown.output
    assert json.loads(run("--dry-run", "--json").output)["deployment"]["instance"] == "r0"


def test_it_is_done_after_a_yes(done: list[Any]) -> None:
    assert run(said="n\n").exit_code != 0
    assert done == []
    assert "live: version 1.4 is live" in run(said="y\n").output
    assert json.loads(run("--yes", "--json").output)["verdict"] == "live"
    assert len(done) == 2


def test_what_cannot_be_imported_says_why(done: list[Any]) -> None:
    refused = run("--yes", "--deployment", "none")
    assert refused.exit_code != 0
    assert "there is no Deployment none in prod" in str(refused.exception)
    assert done == []


def test_a_server_far_away_is_not_told(done: list[Any]) -> None:
    far = CliRunner().invoke(cli, ["--server", "https://engine.example", *COMMAND, "--yes"])
    assert far.exit_code != 0
    assert done == []
