"""The details of an object as its page shows them: facts, tables of what it has several of, and labels.

Keys are those of domain/inventory/details.py; one that is not known here is shown by its own name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.core.values import Json
from workers.console.marks import N_

WORDS: Mapping[str, str] = {
    "phase": N_("Phase"),
    "containers": N_("Containers"),
    "restarts": N_("Restarts"),
    "ip": N_("Address"),
    "qos": N_("Quality of service"),
    "account": N_("Service account"),
    "priority": N_("Priority"),
    "nominated": N_("Node where room is made"),
    "claims": N_("Claims"),
    "labels": N_("Labels"),
    "conditions": N_("Conditions"),
    "name": N_("Name"),
    "image": N_("Image"),
    "images": N_("Images"),
    "init": N_("Init"),
    "state": N_("State"),
    "status": N_("Status"),
    "reason": N_("Reason"),
    "message": N_("Message"),
    "ready": N_("Ready"),
    "exit_code": N_("Exit code"),
    "since": N_("Since"),
    "last_reason": N_("Ended before by"),
    "last_exit_code": N_("Exit code before"),
    "last_ended_at": N_("Ended before"),
    "cpu_m": N_("CPU requested"),
    "memory_mb": N_("Memory requested"),
    "cpu_limit_m": N_("CPU limit"),
    "memory_limit_mb": N_("Memory limit"),
    "ports": N_("Ports"),
    "updated": N_("Updated"),
    "available": N_("Available"),
    "paused": N_("Paused"),
    "strategy": N_("Strategy"),
    "revision": N_("Revision"),
    "active": N_("Active"),
    "succeeded": N_("Succeeded"),
    "failed": N_("Failed"),
    "completions": N_("Completions"),
    "parallelism": N_("Parallelism"),
    "suspended": N_("Suspended"),
    "started_at": N_("Started"),
    "ended_at": N_("Ended"),
    "schedule": N_("Schedule"),
    "zone": N_("Zone"),
    "last_at": N_("Last run"),
    "succeeded_at": N_("Last success"),
    "resources": N_("Resources"),
    "hard": N_("Hard"),
    "used": N_("Used"),
    "percent": N_("Percent"),
    "fullest": N_("Fullest"),
    "limits": N_("Limits"),
    "type": N_("Type"),
    "resource": N_("Resource"),
    "metrics": N_("Metrics"),
    "current": N_("Current"),
    "target": N_("Target"),
    "min": N_("Minimum"),
    "max": N_("Maximum"),
    "roles": N_("Roles"),
    "taints": N_("Taints"),
    "key": N_("Key"),
    "value": N_("Value"),
    "effect": N_("Effect"),
    "pressure": N_("Pressure"),
    "unschedulable": N_("Cordoned"),
    "capacity_cpu_m": N_("CPU"),
    "capacity_memory_mb": N_("Memory"),
    "capacity_mb": N_("Size"),
    "asked_mb": N_("Size asked for"),
    "size_mb": N_("Size"),
    "pods": N_("Pods that fit"),
    "version": N_("Version"),
    "runtime": N_("Runtime"),
    "os": N_("Operating system"),
    "kernel": N_("Kernel"),
    "architecture": N_("Architecture"),
    "addresses": N_("Addresses"),
    "instance": N_("Instance type"),
    "security": N_("Pod security"),
    "volume": N_("Volume"),
    "claim": N_("Claim"),
    "claim_namespace": N_("Namespace of the claim"),
    "storage_class": N_("Storage class"),
    "modes": N_("Access modes"),
    "reclaim": N_("Reclaim"),
    "driver": N_("Driver"),
    "provisioner": N_("Provisioner"),
    "binding": N_("Binding"),
    "expands": N_("Can be expanded"),
    "selector": N_("Selector"),
}
_HIDDEN = frozenset({"workflow", "hard_number", "used_number", "generation", "observed"})
"""What stands elsewhere on the page, or repeats another key in other units."""
_LAST = ("conditions",)
_LONGEST = 400
"""Characters of what has no form of its own here."""


@dataclass(frozen=True)
class Value:
    """One value with how it is shown."""

    form: str
    """`text`, `number`, `cores`, `memory`, `time`, `flag`, `list`, `code`, or `none`."""
    value: Json


@dataclass(frozen=True)
class Fact:
    """One value with its key's word."""

    word: str
    value: Value


@dataclass(frozen=True)
class Rows:
    """What an object has several of."""

    word: str
    columns: tuple[str, ...]
    """Words."""
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Shown:
    """All of an object's details."""

    facts: tuple[Fact, ...]
    tables: tuple[Rows, ...]
    labels: Mapping[str, str]


def shown_details(details: Mapping[str, Json]) -> Shown:
    """In the order in which they are kept; conditions come last."""
    kept = {key: value for key, value in details.items() if key not in _HIDDEN and key != "labels"}
    several = {key: rows for key, value in kept.items() if (rows := _mappings(value))}
    ordered = sorted(several, key=lambda key: key in _LAST)
    labels = details.get("labels")
    return Shown(
        tuple(Fact(word_of(key), value_of(key, value)) for key, value in kept.items() if key not in several),
        tuple(_rows(key, several[key]) for key in ordered),
        {str(key): str(value) for key, value in labels.items()} if isinstance(labels, Mapping) else {},
    )


def word_of(key: str) -> str:
    """What a key is called, before translation."""
    return WORDS.get(key) or key.replace("%", "%%")  # a message with values, as translation reads it


def value_of(key: str, value: Json) -> Value:
    """By the key's unit, else by what it is."""
    if value is None or value == "":
        return Value("none", None)
    if isinstance(value, bool):
        return Value("flag", value)
    if isinstance(value, int | float):
        return Value(_unit(key), value)
    if isinstance(value, str):
        return Value("text", value)
    if isinstance(value, Sequence) and all(isinstance(one, str | int | float) for one in value):
        return Value("list", value)
    return Value("code", json.dumps(value, ensure_ascii=False)[:_LONGEST])


def _unit(key: str) -> str:
    if key == "since" or key.endswith("_at"):
        return "time"
    return "cores" if key.endswith("_m") else "memory" if key.endswith("_mb") else "number"


def _mappings(value: Json) -> tuple[Mapping[str, Json], ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        return ()
    rows = tuple(one for one in value if isinstance(one, Mapping))
    return rows if len(rows) == len(value) else ()


def _rows(key: str, rows: Sequence[Mapping[str, Json]]) -> Rows:
    keys = tuple(dict.fromkeys(one for row in rows for one in row if one not in _HIDDEN))
    cells = tuple(tuple(value_of(one, row.get(one)) for one in keys) for row in rows)
    return Rows(word_of(key), tuple(map(word_of, keys)), cells)
