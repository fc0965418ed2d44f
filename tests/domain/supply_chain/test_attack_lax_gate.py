"""A gate that the pushed definition made harmless, and statements of another repository or branch, admit no image."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.core.documents import Manifest
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, ToolReport
from domain.scans.gate import judge
from domain.scans.least_gate import LeastGate, exclusions, judge_least
from domain.scans.spec import GateSpec
from domain.supply_chain import attestation
from domain.supply_chain.image_policy import Attestations, ImageRule, refusals
from domain.supply_chain.origin import Origin, OriginRule
from domain.triggers.events import EventKind

MAIN = Origin(
    repository="/srv/shop", pipeline="shop", event=EventKind.PUSH, branch="main", tag="", default_branch="main"
)
OWN = OriginRule()
WEAK = Finding(
    tool="trivy",
    rule="CVE-2021-44228",
    kind=FindingKind.VULNERABILITY,
    severity=Severity.CRITICAL,
    message="log4shell",
    path="app/log4j.jar",
)
TRIVY = ToolReport(tool="trivy", state=ScanState.COMPLETE)
CLEAN = ScanReport(tools=(TRIVY,))
FOUND = replace(CLEAN, merged=(WEAK,))
HARMLESS = {
    "fail-on: never": (GateSpec(fail_on="never"), FOUND),
    "kinds: [license]": (GateSpec(kinds=("license",)), FOUND),
    "allow: {critical: 9}": (GateSpec(allow={"critical": 9}), FOUND),
    "block: 'false'": (GateSpec(block="false"), FOUND),
    "new-only": (GateSpec(new_only=True), replace(FOUND, merged=(replace(WEAK, state="existing"),))),  # type: ignore[arg-type]
    "exclude: ['**']": (GateSpec(), replace(CLEAN, exclude=("**",))),
    "path: docs": (GateSpec(), replace(CLEAN, path="docs")),
    "tool-suppressions: accept": (
        GateSpec(tool_suppressions="accept"),
        replace(FOUND, merged=(replace(WEAK, tool_suppression="trust me"),)),
    ),
}


def admitted(spec: GateSpec, report: ScanReport, origin: Origin = MAIN, rule: OriginRule = OWN) -> list[str]:
    """Why an environment that asks for a passed gate refuses the image."""
    reports = {"scan": report}
    verdict = judge(spec, reports, matches=lambda text, seen: text == "true")
    assert verdict.passed, verdict.reasons
    least = judge_least(LeastGate(), reports, 0)
    said: Manifest = {"passed": True, "least": {"passed": least.passed, "reasons": list(least.reasons)}}
    said |= {"origin": origin.manifest(), **exclusions(spec, reports)}
    demanded = ImageRule(gate_passed=True, origins=rule)
    return refusals(demanded, Attestations({attestation.GATE: said}), 0, MAIN)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_gate_that_its_definition_made_harmless_admits_no_image(name: str) -> None:
    (why,) = admitted(*HARMLESS[name])
    assert "not by the least gate" in why


def test_an_honest_gate_of_the_default_branch_admits_the_image() -> None:
    assert admitted(GateSpec(), CLEAN) == []


FOREIGN = {
    "the repository /srv/evil": replace(MAIN, repository="/srv/evil"),
    "the pipeline other": replace(MAIN, pipeline="other"),
    "the branch work": replace(MAIN, branch="work"),
    "the tag v1": replace(MAIN, branch="", tag="v1"),
    "no branch": replace(MAIN, branch=""),
    "a pull request": replace(MAIN, event=EventKind.PULL_REQUEST),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_verdict_from_elsewhere_does_not_count(name: str) -> None:
    (why,) = admitted(GateSpec(), CLEAN, FOREIGN[name])
    assert name in why


def test_an_environment_may_name_whose_statements_count() -> None:
    rule = OriginRule(repositories=("/srv/*",), pipelines=("build-*",), branches=("release/*",))
    built = replace(MAIN, repository="/srv/images", pipeline="build-shop", branch="release/2")
    assert admitted(GateSpec(), CLEAN, built, rule) == []
    assert admitted(GateSpec(), CLEAN, replace(built, branch="main"), rule)


def test_a_tool_that_a_report_in_the_repository_claims_to_have_run_does_not_count() -> None:
    least = LeastGate(tools=frozenset({"trivy"}))
    claimed = replace(CLEAN, tools=(replace(TRIVY, imported=True),))
    assert "trivy has not run" in judge_least(least, {"scan": claimed}, 0).reasons[0]
    assert judge_least(least, {"scan": CLEAN}, 0).passed


def test_what_is_signed_names_every_exclusion() -> None:
    said = exclusions(GateSpec(fail_on="never"), {"scan": replace(CLEAN, exclude=("**",), path="docs")})
    assert said["settings"]["fail_on"] == "never"  # type: ignore[index, call-overload]
    assert said["scans"]["scan"]["exclude"] == ["**"]  # type: ignore[index, call-overload]
