"""Rules find what they are for and nothing that only looks like it."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.scanners.secrets import rule_files
from domain.scans.findings.model import Severity
from domain.scans.secrets import entropy, placeholders
from domain.scans.secrets.context import Context, Place, context_of
from domain.scans.secrets.foreign_rules import without_paths
from domain.scans.secrets.judgement import judged
from domain.scans.secrets.search import search
from tests import corpus

RULES = rule_files.load()
FOLDERS = ("leaks", "secrets")
WHOLE = {("leaks/master.key", 1), ("leaks/vault_pass.txt", 1)}
"""Files that are nothing but a secret, so that no label can stand in them."""
VENDORED = "e163e53b9e7e8a8511e77271e2b323ed057759542a6d988258afe3a1fa329caf"
"""Of gitleaks' rules at b58d3f102cf3a2c84cb7f923d05c25c9b1aed84b."""


@cache
def hits() -> dict[tuple[str, int], list[str]]:
    """Of the corpus, without its labels, and as if the files were not below a folder of tests."""
    found: dict[tuple[str, int], list[str]] = {}
    for folder in FOLDERS:
        for path in sorted((corpus.ROOT / folder).iterdir()):
            text = "\n".join(corpus.bare(line) for line in path.read_text().splitlines())
            for hit in search(text.encode(), path.name, RULES):
                found.setdefault((f"{folder}/{path.name}", hit.line), []).append(hit.rule)
    return found


def test_the_corpus_is_found_line_by_line_and_nothing_else_in_it() -> None:
    weak = {(label.path, label.line) for label in corpus.labels(*FOLDERS) if label.weak}

    assert len(weak) >= 140
    assert set(hits()) == weak | WHOLE
    assert max(map(len, hits().values())) == 1, "each secret once"


@pytest.mark.parametrize("rule", tomllib.loads(rule_files.OWN.read_text())["rules"], ids=lambda rule: rule["id"])
def test_each_rule_of_ours_finds_a_line_of_the_corpus(rule):
    assert rule["id"] in {name for names in hits().values() for name in names}


def test_the_vendored_rules_are_those_that_were_published() -> None:
    assert hashlib.sha256(rule_files.GITLEAKS.read_bytes()).hexdigest() == VENDORED
    assert "MIT" in rule_files.GITLEAKS.with_suffix(".LICENSE").read_text()


def test_the_rules_for_the_history_are_the_same_without_their_exceptions_for_paths() -> None:
    text = rule_files.GITLEAKS.read_text()
    theirs, ours = tomllib.loads(text), tomllib.loads(without_paths(text))

    assert [one["regex"] for one in ours["rules"] if "regex" in one] == [
        one["regex"] for one in theirs["rules"] if "regex" in one
    ]
    assert "paths" not in ours["allowlist"]
    assert not [each for one in ours["rules"] for each in one.get("allowlists", ()) if "paths" in each]


def test_every_rule_compiles_and_has_a_name_of_its_own() -> None:
    assert [one.compiled for one in RULES.every]
    assert max(Counter(one.name for one in RULES.every).values()) == 1
    assert len(RULES.every) > 240


@given(st.binary(max_size=200), st.sampled_from([one for one in RULES.every if one.keywords]))
def test_a_rule_matches_only_where_one_of_its_words_stands(text, rule):
    """The words decide which rules are tried: without this a rule would miss what it is for."""
    if list(rule.matches(text, 0, len(text))):
        assert any(word.encode() in text.lower() for word in rule.keywords)


@given(st.binary(max_size=100))
def test_entropy_is_between_none_and_eight_bits(value):
    assert 0.0 <= entropy.bits(value) <= 8.0
    assert entropy.bits(value * 2) == pytest.approx(entropy.bits(value))


SAMPLES = [
    "changeme",
    "${DB_PASSWORD}",
    "{{ vault.token }}",
    "<token>",
    "your-api-key-1234567",
    "xxxxxxxxxxxx",
    "None",
    "***",
]


@pytest.mark.parametrize("value", SAMPLES)
@pytest.mark.parametrize("place", Place)
def test_what_says_that_it_stands_for_a_secret_is_none_anywhere(value, place):
    assert judged(b"password", value.encode(), Context(place), password=True, beside_login=True) is None


@given(st.text(min_size=1, max_size=40), st.sampled_from(Place), st.booleans(), st.booleans(), st.booleans())
def test_tests_and_prose_never_count_more_than_a_deployment(value, place, password, beside, test):
    """A value that counts in a test counts everywhere, and at least as much."""
    data = value.encode()
    there = judged(b"x", data, Context(place, True), password=password, beside_login=beside)
    here = judged(b"x", data, Context(Place.CREDENTIALS), password=password, beside_login=beside)

    assert there is None or (here is not None and here.severity.rank >= there.severity.rank)


@given(st.text(min_size=1, max_size=30))
def test_a_reference_is_one_in_any_shell(name):
    bare = "".join(char for char in name if char.isalnum()) or "A"

    assert placeholders.is_reference(f"${{{bare}}}".encode())


PLACES = {
    ".env": Place.CONFIGURATION,
    "etc/shadow": Place.CREDENTIALS,
    "web/wp-config.php": Place.CREDENTIALS,
    "app/main.py": Place.CODE,
    "README.md": Place.PROSE,
    "app/Dockerfile": Place.CONFIGURATION,
}


@pytest.mark.parametrize(("path", "place"), PLACES.items())
def test_a_path_says_what_a_file_is_for(path, place):
    assert context_of(path) == Context(place)
    assert context_of(f"tests/{path}").test


def test_keys_of_vendors_are_high_and_private_keys_critical() -> None:
    by_name = {one.name: one for one in RULES.every}

    assert by_name["aws-access-token"].severity is Severity.HIGH
    assert by_name["private-key-block"].severity is Severity.CRITICAL
