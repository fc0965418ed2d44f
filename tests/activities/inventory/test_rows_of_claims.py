"""A claim says what it waits for, and who holds its deletion back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.activities.inventory.test_rows import AT, row_of

GOING, PROTECTED = {"deletionTimestamp": AT}, ["kubernetes.io/pvc-protection"]
CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "of a class": ({"spec": {"storageClassName": "fast"}}, "storage class fast has made no volume for it yet"),
    "of no class": ({}, "it names no storage class, and no volume fits it yet"),
    "of a volume": ({"spec": {"volumeName": "pv-1"}}, "its volume pv-1 is not bound to it yet"),
    "that a pod holds": ({"metadata": {**GOING, "finalizers": PROTECTED}}, "a pod that uses it holds it back"),
    "that somebody holds": ({"metadata": {**GOING, "finalizers": ["a.example/x"]}}, "hold it back: a.example/x"),
}


@pytest.mark.parametrize("what", CLAIMS)
def test_a_claim_says_what_it_waits_for(what):
    fields, why = CLAIMS[what]

    assert why in row_of("PersistentVolumeClaim", status={"phase": "Pending"}, **fields).reason
