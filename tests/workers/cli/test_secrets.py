"""`sluiceway secret`: values come in and never out, and a rule is closed until somebody opens it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.support.command_line import call, said
from tests.support.lab import Repo

VALUE = "s3cr3t-of-the-command-line"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SLUICEWAY_SECRETS", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{VALUE}\n"))
    return tmp_path / "home"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return Repo.create(tmp_path / "repo", {"x": "1"}).path


def test_a_secret_is_for_pushes_of_main_of_this_repository_unless_somebody_says_more(home: Path, repo: Path) -> None:
    told = said("secret", "set", "deploy-token", "--pipeline", "shop", cwd=repo)
    (rule,) = json.loads(said("secret", "list", "--json"))["rules"]

    assert told.startswith(f"secret deploy-token is for pipeline shop of {repo} on push or manual of branch main")
    assert (rule["repositories"], rule["events"], rule["branches"]) == ([str(repo)], ["push", "manual"], ["main"])
    assert (home / "secrets" / "deploy-token").read_text() == VALUE
    assert (home / "secrets" / "deploy-token").stat().st_mode & 0o777 == 0o600
    assert VALUE not in told + said("secret", "list") + said("secret", "list", "--json")


def test_it_is_explained_who_may_have_a_secret_and_who_may_not(home: Path, repo: Path) -> None:
    said("secret", "set", "deploy-token", "--pipeline", "shop", cwd=repo)

    assert call("secret", "explain", "deploy-token", "shop", cwd=repo)[0] == 0
    for more in (["--event", "pull-request"], ["--branch", "x"], ["--repository", "https://example.org/x.git"]):
        code, out, _ = call("secret", "explain", "deploy-token", "shop", *more, cwd=repo)
        assert (code, out.startswith("no: ")) == (3, True), more


def test_a_removed_secret_is_nobodys(home: Path, repo: Path) -> None:
    said("secret", "set", "deploy-token", "--pipeline", "shop", cwd=repo)
    said("secret", "remove", "deploy-token")

    assert json.loads(said("secret", "list", "--json")) == {"kept": [], "rules": []}
    assert call("secret", "explain", "deploy-token", "shop", cwd=repo)[0] == 3


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["deploy-token"], "SLW046"),
        (["deploy-token", "--branch", "main"], "SLW046"),
        (["deploy-token", "--pipeline", "!x"], "SLW046"),
        (["deploy-token", "--pipeline", "shop", "--after-approval"], "SLW046"),
        (["DEPLOY_TOKEN", "--pipeline", "shop"], "SLW205"),
        (["../x", "--pipeline", "shop"], "SLW205"),
    ],
)
def test_a_rule_that_says_too_little_is_refused_and_nothing_is_kept(
    home: Path, repo: Path, options: list[str], code: str
) -> None:
    status, _, words = call("secret", "set", *options, cwd=repo)

    assert (status, code in words) == (2, True), words
    assert not (home / "secrets").exists()


def test_outside_of_a_repository_the_rule_must_name_one(home: Path, tmp_path: Path) -> None:
    status, _, words = call("secret", "set", "deploy-token", "--pipeline", "shop", cwd=tmp_path)

    assert (status, "--repository" in words) == (2, True), words


POLICY = """apiVersion: sluiceway/v1
kind: Policy
name: company
secrets:
  - {names: ["deploy-*"], environments: [production], approved: true}
"""


def test_a_policy_that_stands_against_a_secret_is_explained_with_its_condition(home: Path, repo: Path) -> None:
    options = ["--pipeline", "shop", "--environment", "production"]
    said("secret", "set", "deploy-token", *options, cwd=repo)
    asked = ("secret", "explain", "deploy-token", "shop", "--environment", "production")
    assert "no policy says anything of secrets" in said(*asked, cwd=repo)
    (home.parent / "policy.yaml").write_text(POLICY)
    said("apply", str(home.parent / "policy.yaml"))

    code, out, _ = call(*asked, cwd=repo)
    assert (code, "SLW057" in out, "approved: true" in out) == (3, True, True), out
    granted = said(*asked, "--approved", cwd=repo)
    assert "the policy company grants it, after the approval" in granted
