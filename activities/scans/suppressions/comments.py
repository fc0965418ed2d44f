"""What a pull request brings, as artifacts of its scans and gates: for a forge's code scanning, and as a comment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from activities.jobs.event import event_of
from activities.jobs.port import JobInput
from activities.scans.formats import pull_request, sarif
from activities.storage.port import Store
from domain.jobs.result import JobResult
from domain.scans.findings.model import ScanReport
from domain.scans.findings.pull_request import brought, together
from domain.triggers.events import EventKind

SARIF = "pull-request.sarif"
COMMENT = "pull-request.md"


def added(
    store: Store, input: JobInput, result: JobResult, reports: Iterable[ScanReport], verdict: str = ""
) -> JobResult:
    """The result with both artifacts, if the run is of a pull request.

    Raises:
        SluicewayError: the store is away.
    """
    if event_of(input).kind is not EventKind.PULL_REQUEST:
        return result
    told = replace(together(map(brought, reports)), verdict=verdict)
    made = {
        SARIF: store.put(sarif.write(told).encode()),
        COMMENT: store.put(pull_request.write(told).encode()),
    }
    return replace(result, artifacts={**result.artifacts, **made})
