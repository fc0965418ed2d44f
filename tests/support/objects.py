"""Objects of a cluster of any shape: the fields that are read, with values that nobody expects."""

from __future__ import annotations

from hypothesis import strategies as st

FIELDS = (
    *("metadata", "name", "namespace", "labels", "annotations", "ownerReferences", "controller", "deletionTimestamp"),
    *("spec", "containers", "nodeName", "resources", "requests", "selector", "ports", "policyTypes", "finalizers"),
    *("status", "conditions", "type", "allocatable", "cpu", "containerStatuses", "state", "waiting", "restartCount"),
    *("volumes", "persistentVolumeClaim", "claimName", "claimRef", "capacity", "storage", "terminated", "exitCode"),
    *("reason", "message", "env", "valueFrom", "secretKeyRef", "configMap", "hard", "used", "phase"),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "Ready", "PodScheduled", "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=20,
)
objects = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6)
