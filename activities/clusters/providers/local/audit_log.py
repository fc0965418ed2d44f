"""The audit log of a control plane on this machine: `audit/audit.log` in the cluster's folder, and how much is kept.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
"""

from __future__ import annotations

import json
from pathlib import Path

from activities.core.files import write_atomically
from domain.clusters import audit_log
from domain.clusters.spec import ClusterSpec

PART_MB, PARTS, DAYS = 50, 4, 30
"""Of one file, how many older ones are kept, and how long."""


def log_of(folder: Path) -> Path:
    """Of a cluster's folder; its older parts lie beside it."""
    return folder / "audit" / "audit.log"


def flags(folder: Path, spec: ClusterSpec) -> list[str]:
    """Of the API server; the policy is written first. Empty: there is to be no log."""
    if not audit_log.wanted(spec.connection):
        return []
    log = log_of(folder)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(log.with_name("policy.json"), json.dumps(audit_log.policy(), indent=1))  # JSON is valid YAML
    return [
        f"--audit-policy-file={log.with_name('policy.json')}",
        f"--audit-log-path={log}",
        f"--audit-log-maxsize={PART_MB}",
        f"--audit-log-maxbackup={PARTS}",
        f"--audit-log-maxage={DAYS}",
    ]
