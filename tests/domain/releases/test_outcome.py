"""What is written of a release is one small document of its own values, at a path of its own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Node
from domain.releases import outcome
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.outcome import GitOutcome, Released

TEXT = st.text(max_size=30)


def released(version: str = "1", image: str = "", number: int = 7, **more: object) -> Released:
    made = Deployment(
        service="shop",
        environment="shops",
        instance="r7",
        spec=DeploySpec(service="shop", version=version, image=image),
    )
    return Released(release="release/shop/shops/7", number=number, deployment=made, at=1_800_000_000.7)


@given(TEXT, TEXT, st.integers(1, 999_999_999))
def test_whatever_a_version_is_called_the_file_says_that_and_no_more(version: str, image: str, number: int):
    one = released(version, image, number)
    said = yaml.safe_load(one.document())
    assert said["number"] == number
    assert said["service"] == "shop"
    assert set(said) <= {
        *("service", "environment", "version", "release", "number", "image", "digest", "configuration", "time")
    }
    assert said.get("version", "") == "".join(char if char.isprintable() else " " for char in version)
    assert len(one.document()) < outcome.MOST_BYTES


@given(TEXT)
def test_a_commit_has_one_subject_and_its_trailer(version: str):
    for count in (1, 2, 20):
        many = [released(version)] * count
        subject, _, rest = outcome.message(many, many[0].release).partition("\n")
        assert subject.isprintable()
        assert len(subject) <= 200
        assert rest == "\nSluiceway-Release: release/shop/shops/7\n"


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.integers(0, 6))
def test_each_file_is_either_said_or_left(paths: list[str], split: int):
    said, left = paths[:split], paths[split:]
    told = outcome.words("main", said, left, "c" * 40)
    assert (", ".join(said) + " say" in told) == bool(said)
    assert (", ".join(left) + " was" in told or ", ".join(left) + " were" in told) == bool(left)
    assert bool(told) == bool(paths)


def test_a_second_try_says_the_same():
    assert released().document() == released().document()
    assert b'time: "2027-01-15T08:00:00Z"' in released().document()


@given(st.integers(1, 99), st.integers(1, 99))
def test_a_release_is_the_latest_while_the_environment_says_its_instance(one: int, live: int):
    assert released(number=one).is_newest(f"r{live}") == (live == 7)
    part = released(number=one)
    whole = replace(part, deployment=replace(part.deployment, cluster="west", instance="r3"))
    assert whole.is_newest(f"r{live}") == (live == one)
    assert not whole.is_newest("")


@pytest.mark.parametrize(
    ("path", "fine"),
    [
        (outcome.DEFAULT_PATH, True),
        ("{service}.yaml", True),
        ("released.yaml", False),
        ("{service}/{x}.yaml", False),
        ("../{service}", False),
        (".github/workflows/{service}.yml", False),
        ("a/.git/{service}", False),
        ("/etc/{service}", False),
    ],
)
def test_a_path_stays_in_the_repository_and_out_of_hidden_folders(path: str, fine: bool):
    shaped = re.match(outcome.PATH, path) is not None
    assert (shaped and not outcome.violation(path, "main")) == fine


@pytest.mark.parametrize("branch", ["a..b", "x.lock", "a//b", "a/.b", "a/"])
def test_what_git_takes_for_no_branch_is_refused(branch: str):
    assert outcome.violation("{service}", branch)


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://git.example/a.git", True),
        ("git@git.example:a/b.git", True),
        ("ssh://git@git.example:22/a", True),
        ("file:///srv/a.git", True),
        ("https://user:secret@git.example/a", False),
        ("ext::sh -c true", False),
        ("-oProxyCommand=x:y", False),
        ("http://git.example/a", False),
    ],
)
def test_an_address_has_no_password_and_starts_no_program(address: str, fine: bool):
    assert (re.match(outcome.ADDRESS, address) is not None) == fine


def test_an_environment_without_a_repository_writes_nothing():
    assert outcome.of_document(Node({})) is None
    git = {"repository": "https://git.example/a", "branch": "live", "path": "{service}"}
    assert outcome.of_document(Node({"git": git})) == GitOutcome("https://git.example/a", "live", "{service}")


def test_what_an_environment_writes_and_may_sync_is_said():
    where = GitOutcome("https://git.example/a", "main", "{service}.yaml")
    written, synced = (rule for rule, _ in outcome.explained(where, ["edge/argocd/shop"] * 12))
    assert written == "what is live is written to {service}.yaml of https://git.example/a, branch main"
    assert synced.endswith("edge/argocd/shop and 2 more")
    assert list(outcome.explained(None, ())) == []
