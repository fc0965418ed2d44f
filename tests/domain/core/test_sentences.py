"""Which of the engine's sentences a text is: each of them, with whatever it names, and no other text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.sentences import MOST_CHARACTERS, MOST_PARTS, SENTENCES, translated

ROOT = Path(__file__).parents[3]
SOURCES = (
    *("domain/access/decide", "domain/queues/queue", "domain/jobs/retry", "domain/jobs/testing"),
    *("domain/jobs/capacity", "workflows/runs/run", "workflows/runs/job_dispatch", "workflows/runs/job_table"),
    *("workflows/runs/job_task", "workflows/queues/slots", "workflows/approvals/approval_job"),
    *("workflows/releases/deploy_job", "workflows/releases/release", "workflows/releases/observation"),
    *("workflows/releases/windows",),
    *("workflows/releases/commands", "domain/approvals/explained"),
    *("domain/inventory/workloads", "domain/inventory/nodes", "domain/inventory/quotas", "domain/inventory/services"),
    *("domain/inventory/volumes", "domain/inventory/events", "domain/pods/form"),
)
"""Modules that say what pages show."""
NOT_ALONE = {
    *("nobody has", "{} characters long", "the name of the concurrency group is {}; 1 to {} are allowed"),
    *("{} and the group does not queue", "the slot is", "all {} slots are", "{} held by {}{},", "place {} of {}{}"),
    *("cannot notify %s that %s leaves: %s", "version {} is live{}", "{} is not a cause to retry ({})"),
    *("the starter", "group {}", "{} from group {}", "{} may decide where the pipeline allows it too"),
    "{} of a change may not decide, whatever the pipeline says",
    *(f"the environment says `{one}`" for one in ("allow", "trust: open", "proof: any", "keys: any")),
    *("{} % of branches", "{} at {} %", "{} {} in {}", "the policy {} {} it"),
}
"""Parts of listed sentences, texts of logs, and what is put together from measurements."""
FIELD = re.compile(r"%\(\w+\)s")
NAMES = st.text(st.characters(codec="utf-8", exclude_characters=";:"), min_size=1, max_size=20)


def said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Raise | ast.Assert) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("options.", "workflow.")):
        return
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    if re.match(r"(\{\}|[a-z]).*[a-z]{2} |[a-z]+ \{\}", text):
        yield text
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from said(child)


@pytest.mark.parametrize("source", SOURCES)
def test_what_the_code_says_is_listed(source: str) -> None:
    listed = {FIELD.sub("{}", one) for one in SENTENCES} | NOT_ALONE
    assert [one for one in said(ast.parse((ROOT / f"{source}.py").read_text())) if one not in listed] == []


@given(st.sampled_from(SENTENCES), st.lists(NAMES, min_size=7, max_size=7))
def test_a_sentence_is_known_whatever_it_names(sentence: str, names: list[str]) -> None:
    left = iter(names)
    text = FIELD.sub(lambda _: next(left), sentence)
    seen: list[str] = []

    def translate(one: str) -> str:
        seen.append(one)
        return one

    assert translated(text, translate) == text
    assert seen


@given(st.text(max_size=300))
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert translated(text, lambda one: one) == text


def test_what_is_added_to_a_sentence_is_not_taken_for_its_end() -> None:
    korean = {
        "the new version is worse: %(evidence)s": "A %(evidence)s",
        "%(reason)s; version %(version)s is live again": "%(reason)s; B %(version)s",
    }
    text = "the new version is worse: errors; slow: 2 of 3; version 7 is live again"
    assert translated(text, lambda one: korean.get(one, one)) == "A errors; slow: 2 of 3; B 7"


def test_a_sentence_in_a_sentence_is_translated_and_names_are_not() -> None:
    korean = {
        "no slot in %(group)s: %(reason)s": "%(group)s 자리 없음: %(reason)s",
        "superseded by %(who)s": "%(who)s(으)로 대체됨",
    }
    text = "no slot in it is yours: superseded by run/web/2"
    assert translated(text, lambda one: korean.get(one, one)) == "it is yours 자리 없음: run/web/2(으)로 대체됨"


@pytest.mark.parametrize(
    "text", ["approved by " + "a" * MOST_CHARACTERS, "; ".join(["it is yours"] * (MOST_PARTS + 1))]
)
def test_a_long_text_is_not_looked_through(text: str) -> None:
    assert translated(text, lambda _: "") == text


def test_no_sentence_is_listed_twice() -> None:
    assert len(set(SENTENCES)) == len(SENTENCES)
