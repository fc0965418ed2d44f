"""Entries of the audit for other systems: JSON lines, CEF (ArcSight's Common Event Format), OTLP logs as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from workers.client.ports.audit import AuditRow

FAILED = frozenset({"denied", "failed"})
_CEF = {
    "suser": "actor",
    "act": "action",
    "outcome": "outcome",
    "src": "address",
    "app": "channel",
    "externalId": "request",
}
_CUSTOM = {"cs1": "resource", "cs2": "rule", "cs3": "policy_digest", "cs4": "on_behalf_of", "cs5": "session"}


def json_lines(rows: Sequence[AuditRow]) -> list[str]:
    """One object a line, with the port's names."""
    return [json.dumps(asdict(row), ensure_ascii=False, separators=(",", ":"), default=dict) for row in rows]


def cef(rows: Sequence[AuditRow]) -> list[str]:
    """One event a line (CEF 0). Severity 3, or 7 for what was refused or failed."""
    return [_cef(row) for row in rows]


def otlp(rows: Sequence[AuditRow]) -> list[str]:
    """One line for all: `ExportLogsServiceRequest` in OTLP's JSON, as its file exporter writes it."""
    if not rows:
        return []
    scope = {"scope": {"name": "sluiceway.audit"}, "logRecords": [_record(row) for row in rows]}
    resource = {"attributes": [_attribute("service.name", "sluiceway")]}
    return [json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [scope]}]}, ensure_ascii=False)]


FORMATS: Mapping[str, Callable[[Sequence[AuditRow]], list[str]]] = {"json": json_lines, "cef": cef, "otlp": otlp}


def sentence(row: AuditRow) -> str:
    """What happened, in a few words."""
    whose = f" for {row.on_behalf_of}" if row.on_behalf_of else ""
    what = " on ".join(filter(None, (row.action, row.resource)))
    rule = f" by {row.rule}" if row.rule else ""
    return f"{row.kind} {row.outcome}: {row.actor}{whose} {what}{rule}".rstrip()


def _cef(row: AuditRow) -> str:
    header = ("CEF:0", "Sluiceway", "Sluiceway", "1", f"{row.kind}:{row.action or row.outcome}", sentence(row))
    severity = "7" if row.outcome in FAILED else "3"
    fields = {"rt": str(int(row.at * 1000)), "cn1": str(row.seq), "cn1Label": "seq"}
    fields |= {name: str(value) for name, of in _CEF.items() if (value := getattr(row, of))}
    for name, of in _CUSTOM.items():
        if value := getattr(row, of):
            fields |= {name: value, f"{name}Label": of}
    if row.details:
        fields["msg"] = json.dumps(row.details, ensure_ascii=False, default=dict)
    parts = "|".join([header[0], *map(_in_header, header[1:]), severity])
    return f"{parts}|{' '.join(f'{name}={_in_extension(value)}' for name, value in fields.items())}"


def _in_header(text: str) -> str:
    return _one_line(text.replace("\\", "\\\\").replace("|", "\\|"))


def _in_extension(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("=", "\\=")
    return _one_line(escaped.replace("\r", "\\r").replace("\n", "\\n"))


def _one_line(text: str) -> str:
    """Without whatever a reader may take for the end of a line."""
    return "".join(character if character.isprintable() else " " for character in text)


def _record(row: AuditRow) -> dict[str, object]:
    names = ("kind", "actor", "on_behalf_of", "action", "resource", "outcome", "rule", "policy_digest")
    attributes = [_attribute(f"sluiceway.{name}", str(getattr(row, name))) for name in names if getattr(row, name)]
    attributes += [_attribute("client.address", row.address)] if row.address else []
    more = ("session", "request", "channel")
    attributes += [_attribute(f"sluiceway.{name}", getattr(row, name)) for name in more if getattr(row, name)]
    attributes.append({"key": "sluiceway.seq", "value": {"intValue": str(row.seq)}})
    if row.details:
        attributes.append(_attribute("sluiceway.details", json.dumps(row.details, ensure_ascii=False, default=dict)))
    warn = row.outcome in FAILED
    return {
        "timeUnixNano": str(int(row.at * 1000) * 1_000_000),
        "severityNumber": 13 if warn else 9,
        "severityText": "WARN" if warn else "INFO",
        "body": {"stringValue": sentence(row)},
        "attributes": attributes,
    }


def _attribute(key: str, value: str) -> dict[str, object]:
    return {"key": key, "value": {"stringValue": value}}
