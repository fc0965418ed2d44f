"""What linting says of gates."""

from __future__ import annotations

import pytest

from pipeline_defs.documents import check

GATE = """apiVersion: sluiceway/v1
kind: Pipeline
name: web
on: {{push: {{}}}}
jobs:
  s: {{scan: {{}}}}
  g: {{needs: s, gate: {{new-only: {word}}}}}
"""


@pytest.mark.parametrize(("word", "codes"), [("true", ["SLW042"]), ("required", []), ("auto", []), ("false", [])])
def test_a_gate_that_rested_on_the_last_green_scan_is_warned_of(word: str, codes: list[str]) -> None:
    found = check(GATE.format(word=word).encode(), "p.yaml", lambda path: None).diagnostics

    assert [(one.code, one.severity) for one in found] == [(code, "warning") for code in codes]
