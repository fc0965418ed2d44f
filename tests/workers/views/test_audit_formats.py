"""Whatever an entry holds, an export of it is one event for whoever reads it."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from workers.client.ports.audit import AuditRow
from workers.views.audit_formats import cef, json_lines, otlp

TEXT = st.text(max_size=20)
ROWS = st.builds(
    AuditRow,
    seq=st.integers(0, 2**50),
    at=st.floats(0, 1e11),
    **dict.fromkeys(("kind", "actor", "action", "resource", "outcome", "rule", "address", "session"), TEXT),
    details=st.dictionaries(TEXT, TEXT | st.integers(), max_size=3),
)
HEADER = re.compile(r"CEF:0(?:\|(?:[^|\\]|\\\\|\\\|)*){6}\|(?P<extension>.*)", re.DOTALL)


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_a_strangers_text_begins_no_event_and_no_field_of_its_own(rows: list[AuditRow]) -> None:
    for row, line in zip(rows, cef(rows), strict=True):
        assert len(line.splitlines()) == 1
        found = HEADER.fullmatch(line)
        assert found is not None
        names = re.findall(r"(?:^| )(\w+)=", re.sub(r"\\\\|\\=", "__", found["extension"]))
        assert len(names) == len(set(names))
        assert f"cn1={row.seq} " in found["extension"]


@given(st.lists(ROWS, max_size=3))
def test_json_reads_back(rows: list[AuditRow]) -> None:
    assert [AuditRow(**json.loads(line)) for line in json_lines(rows)] == rows
    for line in otlp(rows):
        records = json.loads(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
        assert [
            one["attributes"][-1 if not row.details else -2]["value"]["intValue"]
            for row, one in zip(rows, records, strict=True)
        ] == [str(row.seq) for row in rows]
