"""Errors of pods that people run, and of objects that they restart or delete."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

PODS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW466",
        "no pod can be made of this",
        "A form or a manifest of a pod has a value that Kubernetes or this engine does not take. The message names it.",
        "Correct what the message names; docs/pods.md lists what a pod can have.",
    ),
    ErrorCode(
        "SLW467",
        "what was planned is not what would be done now",
        "Whoever starts a pod starts what they have looked at. Since then the pod or its cluster has changed.",
        "Look at the plan again, and start that.",
    ),
    ErrorCode(
        "SLW468",
        "an object in a cluster was not restarted or deleted",
        "Its kind or its state does not allow it, the signer refuses, or another object has its name by now.",
        "Look at the object again; the message says what stands in the way.",
    ),
    ErrorCode(
        "SLW950",
        "there is no such pod",
        "Nothing of this name is in the namespace, and no workflow of a pod has this id.",
        "`sluiceway pod list CLUSTER` shows those that Sluiceway runs, and `sluiceway fleet` what else there is.",
    ),
)
"""SLW466 to SLW468, and SLW950."""
