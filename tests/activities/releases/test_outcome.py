"""What is live is pushed to a real repository: once, on top of what others pushed, and never through what stands there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from temporalio.testing import ActivityEnvironment

from activities.access.environments import Environments
from activities.authority.everything import Everything
from activities.releases.outcome import push as pushing
from activities.releases.outcome.activities import OutcomeActivities, claim
from activities.releases.outcome.port import OutcomeInput, ServiceOutcome, Written
from activities.releases.outcome.push import RefusedPushError, push
from activities.releases.permits import claims
from activities.releases.port import ActionInput, Releaser
from domain.authority.permit import Claim, SignedPermit
from domain.core.documents import Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.actions import ActionKind
from domain.releases.outcome import GitOutcome, Released
from domain.runs.approval_scope import deployment
from tests.domain.releases.test_outcome import released
from tests.support.signers import ARTIFACT, JOBS, SOURCE, Signing

PATH = "released/shops/shop.yaml"


def git(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Remote:
    """A bare repository, and somebody who works with it."""

    def __init__(self, folder: Path) -> None:
        self.bare, self.work = folder / "bare.git", folder / "work"
        git("init", "-q", "--bare", "-b", "main", str(self.bare), cwd=folder)
        git("clone", "-q", str(self.bare), str(self.work), cwd=folder)
        git("checkout", "-q", "-b", "main", cwd=self.work)
        self.commit({"README": "x"})
        self.where = GitOutcome(f"file://{self.bare}", "main", "released/{environment}/{service}.yaml")

    def commit(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.work / name).parent.mkdir(parents=True, exist_ok=True)
            (self.work / name).write_text(text)
        self.commit_all()

    def commit_all(self) -> None:
        git("add", "-A", cwd=self.work)
        who = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
        git(*who, "commit", "-qm", "theirs", cwd=self.work)
        git("push", "-q", "origin", "main", cwd=self.work)

    def push(self, one: Released, newest: bool = True) -> str:
        return push(self.where, {PATH: one}, one.release, lambda _: newest).commit

    def log(self) -> list[str]:
        return git("log", "--format=%an %s", "main", cwd=self.bare).splitlines()

    def file(self) -> str:
        return git("show", f"main:{PATH}", cwd=self.bare)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path)


def test_what_is_live_is_one_commit_on_top_of_the_branch(remote: Remote):
    commit = remote.push(released("1.8"))
    assert git("rev-parse", "main", cwd=remote.bare) == commit
    assert remote.log() == ["Sluiceway shop 1.8 is live in shops", "ann theirs"]
    assert 'version: "1.8"' in remote.file()
    assert git("show", "main:README", cwd=remote.bare) == "x"


def test_a_second_try_makes_no_second_commit(remote: Remote):
    assert remote.push(released()) == remote.push(released())
    assert len(remote.log()) == 2


def test_a_version_that_comes_back_replaces_the_one_before(remote: Remote):
    remote.push(released("2", number=8))
    remote.push(released("1", number=9))
    assert 'version: "1"' in remote.file()


def test_a_late_release_does_not_write_over_a_newer_one(remote: Remote):
    remote.push(released("2", number=8))
    assert remote.push(released("1", number=7), newest=False) == ""
    assert 'version: "2"' in remote.file()


def test_who_pushes_in_between_is_kept(remote: Remote, monkeypatch: pytest.MonkeyPatch):
    real, raced = pushing._commit, list[int]()

    def slow(*arguments: object) -> str:
        if not raced:
            raced.append(1)
            remote.commit({"other": "y"})
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pushing, "_commit", slow)
    remote.push(released("1"))
    assert remote.log() == ["Sluiceway shop 1 is live in shops", "ann theirs", "ann theirs"]


def test_a_hook_that_refuses_is_told_with_its_words(remote: Remote):
    hook = remote.bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho main is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(RefusedPushError, match="main is protected"):
        remote.push(released())
    assert len(remote.log()) == 1


@pytest.mark.parametrize("target", ["released/shops/shop.yaml", "released/shops", "released"])
def test_a_link_where_the_file_belongs_is_left_alone(remote: Remote, target: str, tmp_path: Path):
    (remote.work / target).parent.mkdir(parents=True, exist_ok=True)
    os.symlink(tmp_path, remote.work / target)
    remote.commit_all()
    with pytest.raises(RefusedPushError):
        remote.push(released())


def test_a_file_of_others_that_is_too_large_is_left_alone(remote: Remote):
    remote.commit({PATH: "x" * 20_000})
    with pytest.raises(RefusedPushError):
        remote.push(released())


def test_attributes_and_filters_of_the_repository_do_nothing(remote: Remote):
    remote.commit({".gitattributes": "* filter=evil text eol=crlf\n"})
    remote.push(released())
    assert remote.file().encode() + b"\n" == released().document()


def test_a_branch_that_is_not_there_is_told(remote: Remote):
    remote.where = replace(remote.where, branch="nowhere")
    with pytest.raises(RefusedPushError, match="there is no branch nowhere"):
        remote.push(released())


def test_a_repository_that_is_away_is_asked_again_later(remote: Remote, tmp_path: Path):
    remote.where = replace(remote.where, repository="ssh://git@127.0.0.1:1/a.git")
    with pytest.raises(SluicewayError) as failed:
        remote.push(released())
    assert failed.value.transient


class Registered:
    """One environment, as it was registered."""

    def __init__(self, git: Object) -> None:
        self.body: Object = {
            "trust": "open",
            "approval": {"users": [], "groups": [], "quorum": 0, "per_group": {}, "max_expires": 0, "allow": {}},
            "images": {},
            "git": git,
        }

    def get(self, kind: str, name: str) -> Object:
        return self.body

    def names(self, kind: str) -> list[str]:
        return ["shops"]


class Nobody(Everything):
    def permit(self, claim: Claim) -> NoReturn:
        raise RefusedError("SLW015", "not permitted")


async def written(git: Object, permits: Everything, live: str = "r7") -> Written:
    one = released("1.8")
    input = OutcomeInput(one.release, one.number, one.deployment, one.at)

    async def recorded(environment: str, service: str) -> str:
        assert (environment, service) == ("shops", "shop")
        return live

    activities = OutcomeActivities(Environments(Registered(git)), permits, recorded)  # type: ignore[arg-type]
    return await ActivityEnvironment().run(activities.write, input)


async def test_a_release_writes_where_its_environment_is_registered_to(remote: Remote):
    git = {"repository": remote.where.repository, "branch": "main", "path": remote.where.path}
    done = await written(git, Everything())
    assert done.words == f"{PATH} says so in main, commit {done.commit[:12]}"
    assert 'version: "1.8"' in remote.file()
    assert (await written({}, Everything())).words == ""


def of_services(*names: str) -> OutcomeInput:
    """Of several that were released as one."""
    whole = released("1.8").deployment
    services = [
        ServiceOutcome(
            f"release/{name}/shops/{number}", number, replace(whole, service=name, instance=f"r{number}", source=SOURCE)
        )
        for number, name in enumerate(names, 11)
    ]
    return OutcomeInput("release/all/shops/20", 20, replace(whole, service="all"), 1_800_000_000, tuple(services))


async def several(remote: Remote, permits: Everything, live: Mapping[str, str]) -> Written:
    git = {"repository": remote.where.repository, "branch": "main", "path": remote.where.path}

    async def recorded(environment: str, service: str) -> str:
        return live[service]

    activities = OutcomeActivities(Environments(Registered(git)), permits, recorded)  # type: ignore[arg-type]
    return await ActivityEnvironment().run(activities.write, of_services(*live))


async def test_services_that_were_released_as_one_are_one_commit_with_a_file_each(remote: Remote):
    done = await several(remote, Everything(), {"api": "r11", "web": "r12"})

    assert done.words == f"released/shops/api.yaml, released/shops/web.yaml say so in main, commit {done.commit[:12]}"
    assert remote.log() == ["Sluiceway api 1.8, web 1.8 are live in shops", "ann theirs"]
    assert "Sluiceway-Release: release/all/shops/20" in git("log", "-1", "--format=%B", "main", cwd=remote.bare)
    web = git("show", "main:released/shops/web.yaml", cwd=remote.bare)
    assert 'service: "web"' in web
    assert 'release: "release/web/shops/12"' in web
    assert (await several(remote, Everything(), {"api": "r11", "web": "r12"})).commit == done.commit
    assert len(remote.log()) == 2


async def test_a_service_that_was_released_again_meanwhile_keeps_its_newer_file(remote: Remote):
    done = await several(remote, Everything(), {"api": "r11", "web": "r30"})

    assert done.words.endswith("; released/shops/web.yaml was left to a later release")
    assert remote.log()[0] == "Sluiceway api 1.8 is live in shops"
    assert (await several(remote, Everything(), {"api": "r31", "web": "r30"})).commit == done.commit


async def test_without_the_permit_of_each_service_none_is_pushed(remote: Remote):
    class ApiAlone(Everything):
        def permit(self, claim: Claim) -> SignedPermit:
            if "/web/" in claim.subject:
                raise RefusedError("SLW015", "not permitted")
            return super().permit(claim)

    done = await several(remote, ApiAlone(), {"api": "r11", "web": "r12"})
    assert done.words.startswith("released/shops/api.yaml, released/shops/web.yaml were not written: ")
    assert len(remote.log()) == 1


async def test_without_a_permit_nothing_is_pushed(remote: Remote):
    git = {"repository": remote.where.repository, "branch": "main", "path": remote.where.path}
    assert "SLW015" in (await written(git, Nobody())).words
    assert len(remote.log()) == 1


def test_only_what_was_released_may_be_written():
    signing, new = Signing(), replace(deployment(JOBS[3], SOURCE, ARTIFACT), instance="r1")
    signing.begun()
    signing.judged()
    signing.decided()
    with pytest.raises(RefusedError):
        signing.client.permit(claim(new))
    began = ActionInput(do=ActionKind.START, deployment=new, whose=Releaser(run="run/shop/1", job="ship"))
    for one in claims(began):
        signing.client.permit(one)
    signing.client.end("run/shop/1")
    signing.client.permit(claim(new))
    with pytest.raises(RefusedError):
        signing.client.permit(claim(replace(new, env={"A": "b"})))
