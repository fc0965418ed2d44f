"""Cron expressions with five fields."""

from __future__ import annotations

import re

_FIELD = re.compile(r"(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*\Z")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


def violation(cron: str) -> str:
    """What is wrong with an expression; empty: valid."""
    fields = cron.lower().split()
    if len(fields) != 5:
        return f"a cron expression has five fields, not {len(fields)}"
    for names, index, base in ((_MONTHS, 3, 1), (_DAYS, 4, 0)):
        for number, name in enumerate(names, base):
            fields[index] = fields[index].replace(name, str(number))
    for field, (low, high) in zip(fields, _RANGES, strict=True):
        numbers = [int(number) for number in re.findall(r"(?<!/)\b\d+", field)]
        if not _FIELD.match(field) or any(not low <= number <= high for number in numbers):
            return f"'{field}' is not a valid cron field (values from {low} to {high})"
    return ""
