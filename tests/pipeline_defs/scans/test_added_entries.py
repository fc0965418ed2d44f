"""An entry that a command adds leaves what people wrote as it is, and the document stays one."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.scans import owners
from pipeline_defs.scans.added_entries import NoPlaceError, added, replaced

HEAD = "apiVersion: sluiceway/v1\nkind: FindingOwners\n"
ENTRY = {"fingerprint": "new", "owner": "ann"}
TEXTS = st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable() and text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD + "owners: []\n",
        HEAD + "owners:\n# why\n- {fingerprint: old, owner: bob}  # his\n",
        HEAD + "owners:\n    - fingerprint: old\n      owner: bob\n",
        HEAD + "owners: [{fingerprint: old, owner: bob}]\n",
        "owners: [] # none\n" + HEAD,
    ],
)
def test_an_entry_is_added_and_the_others_and_comments_stay(text: str) -> None:
    made = added(text, "FindingOwners", "owners", ENTRY)
    known = owners.read(made.encode(), "f")

    assert known["new"] == "ann"
    assert known.get("old") == ("bob" if "old" in text else None)
    assert made.count("#") == text.count("#")


@given(TEXTS, TEXTS)
def test_whatever_a_text_holds_it_is_read_back(owner: str, note: str) -> None:
    made = added("", "FindingOwners", "owners", {**ENTRY, "owner": owner, "note": note})

    assert yaml.safe_load(made)["owners"] == [{**ENTRY, "owner": owner, "note": note}]


@pytest.mark.parametrize("text", ["owners: {}", "- a", "a: [", "suppressions: []", "owners: *x", "[" * 2_000])
def test_a_document_without_such_a_list_is_left_alone(text: str) -> None:
    with pytest.raises(NoPlaceError):
        added(text, "FindingOwners", "owners", ENTRY)


def test_one_value_of_an_entry_is_replaced_in_its_place() -> None:
    text = HEAD + "owners:\n  - {fingerprint: old, owner: bob}  # his\n"

    assert 'owner: "ann"}  # his' in replaced(text, "owners", ("fingerprint", "old"), "owner", "ann")
    assert replaced(text, "owners", ("fingerprint", "other"), "owner", "ann") == ""
