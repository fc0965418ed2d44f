"""The shape of scan and gate jobs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.scans.findings.model import Severity
from pipeline_defs.approvals.model import Approval
from pipeline_defs.core.blocks import Block, Duration, Texts

SeverityName = Literal["critical", "high", "medium", "low", "info"]

ToolName = Literal["bandit", "semgrep", "dataflow", "trivy", "markers", "secrets", "gitleaks", "govulncheck"]
ClassName = Literal["own", "test", "generated", "vendored", "minified"]
FindingKindName = Literal["sast", "secret", "misconfiguration", "vulnerability", "license", "suppression"]

SEVERITIES = tuple(severity.value for severity in Severity)

MAX_HOLD_S = 30 * 86_400.0


class Scan(Block):
    """Scanners, run in parallel."""

    tools: list[ToolName] = Field(
        ["bandit", "semgrep", "dataflow", "trivy", "markers", "secrets"],
        min_length=1,
        description="By default what `sluiceway scan` runs. dataflow: follows values of requests through Python."
        " markers: reports comments that suppress a scanner. secrets: searches every byte, and archives."
        " gitleaks (secrets in the whole history) and govulncheck (reachable vulnerable Go code) are skipped if they"
        " are not installed.",
    )
    path: str = Field(".", description="Path to scan, in the workspace.")
    image: str = Field(
        "", description="Scans this image instead of the source: a name that the daemon has, or can pull."
    )
    exclude: Texts = Field([], description="Path patterns whose findings are ignored.")
    sarif: Texts = Field(
        [], description="Reports of other tools to import (SARIF 2.1.0), in the checkout or in `artifacts.in`."
    )


def _hold(given: Approval | None) -> Approval | None:
    if given and given.expires > MAX_HOLD_S:
        raise ValueError("a gate can be held for at most 30 days")
    return given


class AlwaysCounts(Block):
    """Findings that no baseline excuses, besides secrets: each that one of these names."""

    kinds: list[FindingKindName] = []
    rules: Texts = Field([], description="Rules of scanners, or ids of vulnerabilities.")
    classes: list[ClassName] = Field([], description="Classes of files.")
    severities: list[SeverityName] = []


class Gate(Block):
    """Evaluates findings. Closed unless every scan is complete and nothing blocks."""

    scans: list[str] = Field([], description="Scan jobs to evaluate; default: all upstream.")
    policy: Literal["strict", "standard", "advisory"] = Field(
        "standard",
        description="Defaults of the other keys. strict: low and worse, skipped scanners and databases older"
        " than a day block; advisory: findings alone never block.",
    )
    fail_on: SeverityName | Literal["never"] = Field("high", description="The lowest severity that blocks.")
    block: str = Field("", description="CEL over `finding`, instead of `fail-on`: a finding blocks if it is true.")
    max_db_age: Duration = Field(0.0, description="Maximum age of the vulnerability database; 0: any.")
    kinds: list[FindingKindName] = Field([], description="Kinds of findings to evaluate; default: all.")
    allow: dict[SeverityName, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(
        {}, description="Severity to the number of findings allowed."
    )
    unknown_as: SeverityName = Field("high", description="Severity of findings without one.")
    sla: dict[SeverityName, Duration] = Field(
        {},
        description="Severity to the maximum age of a finding since it was first seen; applies to known findings too.",
    )
    new_only: Literal["auto", "required"] | bool = Field(
        "auto",
        description="Whether findings pass that the baseline has which a person set and signed (`sluiceway findings"
        " baseline set`), unless they got worse. auto: yes, and without a baseline every finding counts. required: yes,"
        " and without a baseline the gate is closed; true is an older word for it. false, and policy strict: no."
        " Secrets never pass.",
    )
    always: AlwaysCounts = Field(AlwaysCounts(), description="What no baseline excuses.")
    classes: list[ClassName] = Field(
        ["own", "test", "generated"],
        description="Classes of files in which weak code counts (sast, suppression); what is left out is counted apart."
        " Other kinds, and code with a proven path from a request, count in every class. Policy strict: all.",
    )
    tool_suppressions: Literal["count", "accept"] = Field(
        "count",
        description="Imported findings that their own tool suppresses, with a status of accepted: `count` all the same,"
        " or `accept`.",
    )
    skipped: Literal["allow", "block"] = Field("allow", description="Whether a missing scanner blocks.")
    hold: Annotated[Approval | None, AfterValidator(_hold)] = Field(
        None,
        description="A closed gate waits, up to `expires`, for a suppression or a VEX statement on the default"
        " branch, or for approval by these people. Default: it fails at once.",
    )
