"""The faults that new versions have, as the service's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """What is wrong with the new version; `bad`: whether it should be rolled back."""

    name: str
    env: Mapping[str, str] = field(default_factory=dict)
    bad: bool = True
    incident: bool = False
    """Both versions fail for a while: the new one is no worse."""


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("healthy", bad=False),
        Fault("all-errors", {"FAIL": "1"}),
        Fault("errors-5", {"FAIL": "0.05"}),
        Fault("errors-1", {"FAIL": "0.01"}),
        Fault("slow", {"SLOW": "1", "DELAY_S": "0.1"}),
        Fault("shared-incident", bad=False, incident=True),
        Fault("slow-start", {"WARM_S": "10", "DELAY_S": "0.1"}, bad=False),
        Fault("late-errors", {"FAIL": "0.05", "AFTER_S": "60"}),
    )
}
"""By name, in the order of the table."""
