"""Which job of another system gets a token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.principal import Scope
from domain.access.workload import MOST_LIFE_S, Trust, matches, refusal, trust_complaint

NOW = 1_800_000_000.0
GITHUB = Trust(
    name="shop",
    issuer="https://token.actions.githubusercontent.com",
    audience="https://sluiceway.example",
    subject="repo:acme/shop:ref:refs/heads/*",
    owner="ann",
    scope=Scope(actions=frozenset({"runs:start"}), resources=frozenset({"pipeline:shop"})),
)
JOB: dict[str, Any] = {
    "iss": GITHUB.issuer,
    "aud": GITHUB.audience,
    "sub": "repo:acme/shop:ref:refs/heads/main",
    "iat": NOW,
    "exp": NOW + 300,
}


def test_a_job_of_the_trusted_kind_gets_a_token() -> None:
    assert refusal(GITHUB, JOB, NOW) == ""
    assert refusal(GITHUB, {**JOB, "aud": ["x", GITHUB.audience]}, NOW) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://token.actions.githubusercontent.com/"},
        {"aud": "https://other.example"},
        {"aud": None},
        {"sub": "repo:acme/shop-evil:ref:refs/heads/main"},
        {"sub": "repo:acme/shop:ref:refs/heads/a/b"},
        {"sub": "repo:acme/shop:ref:refs/heads/main\n"},
        {"sub": "repo:acme/shop:pull_request"},
        {"sub": 7},
        {"exp": NOW - 120},
        {"exp": NOW + 2 * MOST_LIFE_S},
        {"exp": None},
        {"iat": NOW + 3_600},
        {"iat": None},
        {"nbf": NOW + 3_600},
    ],
)
def test_another_job_gets_none(changes: dict[str, Any]) -> None:
    assert refusal(GITHUB, {**JOB, **changes}, NOW)


@given(st.text(alphabet="ab:/*", max_size=12), st.text(alphabet="ab:/", max_size=12))
def test_a_star_never_reaches_into_another_part(pattern: str, subject: str) -> None:
    if matches(pattern, subject):
        assert pattern.count(":") == subject.count(":")
        assert pattern.count("/") == subject.count("/")


@given(st.text(max_size=30))
def test_without_a_star_only_the_subject_itself_fits(text: str) -> None:
    assert matches("repo:acme/shop", text) == (text == "repo:acme/shop")


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "*",
        "repo:*",
        "repo:*/shop",
        "repo:acme*/shop",
        "*:acme/shop",
        "repo:acme/*:*",
        "repo:acme/*:ref:refs/heads/main",
        "system:serviceaccount:*:deployer",
    ],
)
def test_a_trust_says_whose_jobs_they_are(subject: str) -> None:
    assert trust_complaint(replace(GITHUB, subject=subject))


@pytest.mark.parametrize(
    "changes", [{"issuer": "http://ci.example"}, {"audience": ""}, {"name": "A B"}, {"jwks": "ftp://x"}]
)
def test_a_trust_names_a_safe_issuer_and_an_audience(changes: dict[str, str]) -> None:
    assert trust_complaint(GITHUB) == ""
    assert trust_complaint(replace(GITHUB, **changes))  # type: ignore[arg-type]
