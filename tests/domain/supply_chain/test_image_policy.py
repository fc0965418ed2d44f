"""An image runs where everything that is demanded of it was signed, and nowhere else."""

from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Object
from domain.core.values import Json
from domain.supply_chain import attestation
from domain.supply_chain.image_policy import Attestations, ImageRule, refusals
from domain.supply_chain.origin import Origin

NOW = 1_000_000.0
HERE = Origin(repository="/srv/shop", pipeline="shop", event="push", branch="main", default_branch="main")
ORIGIN: dict[str, Json] = {"origin": HERE.manifest()}
LEAST: dict[str, Json] = {"least": {"by": "built-in", "passed": True, "reasons": []}}
GOOD: dict[str, Object] = {
    attestation.PROVENANCE: {"buildDefinition": {"internalParameters": ORIGIN}},
    attestation.SCAN: {"tools": [{"status": "complete"}], "made_at": NOW - 100, **ORIGIN},
    attestation.GATE: {"passed": True, **LEAST, **ORIGIN},
}
ALL = ImageRule(True, True, 200)


def test_what_is_demanded_and_signed_may_run() -> None:
    assert refusals(ALL, Attestations(GOOD), NOW) == []


@given(st.sets(st.sampled_from(sorted(GOOD))))
def test_each_statement_that_is_missing_is_a_refusal_of_its_own(there):
    said = Attestations({kind: GOOD[kind] for kind in there}, dict.fromkeys(GOOD, "nobody has signed it"))

    assert len(refusals(ALL, said, NOW)) == len(GOOD) - len(there)
    assert refusals(ImageRule(), said, NOW) == []


BAD: dict[str, tuple[str, Object, str]] = {
    "a closed gate": (attestation.GATE, {"passed": False, "reason": "1 high", **LEAST}, "1 high"),
    "a gate that says yes in words": (attestation.GATE, {"passed": "true", **LEAST}, "closed"),
    "an incomplete scan": (attestation.SCAN, {"tools": [{"status": "incomplete"}], "made_at": NOW}, "not complete"),
    "a scan without tools": (attestation.SCAN, {"tools": [], "made_at": NOW}, "not complete"),
    "an old scan": (attestation.SCAN, {"tools": [{"status": "complete"}], "made_at": NOW - 201}, "days old"),
    "a scan of no time": (attestation.SCAN, {"tools": [{"status": "complete"}]}, "unknown age"),
}


def test_a_statement_that_says_something_else_is_a_refusal() -> None:
    for kind, predicate, word in BAD.values():
        (why,) = refusals(ALL, Attestations({**GOOD, kind: {**predicate, **ORIGIN}}), NOW)
        assert word in why
