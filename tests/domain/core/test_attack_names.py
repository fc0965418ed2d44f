"""Texts of strangers where they become paths, ids, arguments, labels and keys: under a rule, or escaped."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.access.identity_store import Identity
from domain.core import ids, names
from domain.core.errors import DefinitionError
from domain.queues.queue import MAX_NAME, ConcurrencyPolicy
from domain.secrets import reference
from pipeline_defs.core.blocks import is_name
from pipeline_defs.documents import check
from tests.support.command_line import call
from workers.core.records import Records

ODD = (
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "-rf",
    "--exec=x",
    "a\n",
    "a\0b",
    "a b",
    "\uff41",
    "l\u0435ad",
    "a`b",
    "a$(b)",
    "a'b",
    'a"b',
    "x" * 64,
    "_name",
)
"""Paths, options, breaks, quotes, letters of another width or alphabet, and too much."""
TEXTS = st.text(max_size=80) | st.sampled_from(ODD) | st.from_regex(r"[a-z0-9._@-]{0,70}", fullmatch=True)


def is_one_part(text: str) -> bool:
    """Of a path, on every system, and no option of a program that gets it as an argument."""
    return (
        PurePosixPath(text).parts == (text,)
        and text not in (".", "..")
        and not text.startswith("-")
        and text.isprintable()
    )


@given(TEXTS)
def test_what_is_a_name_is_one_part_of_a_path_a_label_and_no_option(text: str) -> None:
    if names.is_name(text):
        assert is_one_part(text)
        assert text.isascii()
        assert len(text) <= names.MAX_NAME
    assert not is_name(text) or names.is_name(text), "a definition's rule is no wider than the rule for all"
    assert bool(reference.complaint(text)) is not names.is_name(text)


@given(TEXTS)
def test_what_names_a_person_is_one_part_of_a_path_and_no_option(text: str) -> None:
    if names.is_person(text):
        assert is_one_part(text)
        assert text.isascii()


@given(TEXTS, TEXTS, st.integers(1, 99))
def test_the_folder_of_a_job_is_a_digest_whatever_its_run_and_job_are_called(run: str, job: str, attempt: int) -> None:
    assert set(ids.job_key(run, job, attempt)) <= set("0123456789abcdef")


@given(st.text(max_size=300))
def test_the_group_of_a_queue_is_bounded_and_one_id(text: str) -> None:
    """It may hold expressions and spaces: it is never a path, only the end of a workflow's id."""
    assert bool(ConcurrencyPolicy(text).complaint()) is not (len(text.strip()) > 0 and len(text) <= MAX_NAME)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "where",
    [
        "name: {}\njobs: {{a: {{run: x}}}}",
        "name: ok\njobs: {{{}: {{run: x}}}}",
        "name: ok\njobs: {{a: {{run: x, environment: {}}}}}",
        "name: ok\njobs: {{a: {{run: x, artifacts: {{out: {{{}: x}}}}}}}}",
        "name: ok\njobs: {{a: {{environment: ok, deploy: {{service: {}, command: [x]}}}}}}",
        "name: ok\nsecrets: {{X: {}}}\njobs: {{a: {{run: x}}}}",
        "name: ok\njobs: {{a: {{container: {{image: i, cluster: ok, namespace: {}}}, run: x}}}}",
    ],
)
def test_a_definition_whose_name_is_none_is_refused_where_it_stands(where: str, name: str) -> None:
    """The empty text is none where a name may be left out."""
    quoted = '"' + "".join(f"\\U{ord(letter):08x}" for letter in name) + '"'
    text = "apiVersion: sluiceway/v1\nkind: Pipeline\n" + where.format(quoted)
    found = [one.code for one in check(text.encode(), "p.yaml", lambda _: None).diagnostics if one.severity == "error"]
    good = check(
        ("apiVersion: sluiceway/v1\nkind: Pipeline\n" + where.format("fine")).encode(), "p.yaml", lambda _: None
    )

    assert found or (name == "" and "environment: " in where)
    assert [one for one in good.diagnostics if one.severity == "error"] == []


@pytest.mark.parametrize("name", ODD[:-2])
def test_no_identity_is_saved_whose_name_is_none(tmp_path: Path, name: str) -> None:
    store = Records.at(tmp_path / "records.db").identities
    with pytest.raises(DefinitionError) as refused:
        store.save(Identity(name, "key"))
    assert refused.value.code == "SLW506"
    store.save(Identity("lead@example.org", "key"))


def test_two_people_whose_names_read_alike_are_not_registered(home: Path) -> None:
    assert call("identity", "add", "release.lead")[0] == 0
    for name in ("Release.Lead", "release-lead", "releaselead"):
        code, out, err = call("identity", "add", name)
        assert (code != 0, "SLW506" in out + err) == (True, True)
    assert call("identity", "add", "release.lead", "--group", "x")[0] == 0, "the same name changes its groups"
    assert call("identity", "add", "release.lead2")[0] == 0
