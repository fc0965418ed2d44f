"""What a stranger wrote, made fit for a row: bounded, and without what no database takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice

from domain.clusters.health import quantity
from domain.inventory import details
from domain.inventory.details import MOST_ITEMS, MOST_LABELS, MOST_TEXT
from domain.inventory.model import MOST_REASON
from domain.inventory.shapes import Condition, Selector, Texts

MOST_NUMBER = 2**53 - 1
"""What JSON's readers and every database's integers hold."""
LATEST_S = 253_402_214_399.0
"""A day before the end of the year 9999: it is in that year in every zone."""


def clean(text: str | None, most: int = MOST_TEXT) -> str:
    """At most so many characters; NUL and lone surrogates become U+FFFD."""
    if not text:
        return ""
    cut = text if len(text) <= most else text[:most]
    if cut.isascii() and "\0" not in cut:
        return cut
    return "".join("\ufffd" if "\ud800" <= one <= "\udfff" or one == "\0" else one for one in cut)


def sentence(text: str | None) -> str:
    """A reason: it ends with `…` where it was cut."""
    if text and len(text) > MOST_REASON:
        return clean(text, MOST_REASON - 1) + "…"
    return clean(text, MOST_REASON)


def word(text: str, known: frozenset[str]) -> str:
    """A status of a closed set: what is not in it is `Other`."""
    return text if text in known else "Other"


def number(value: float | None) -> int:
    """From 0 to `MOST_NUMBER`."""
    return int(min(max(value or 0, 0), MOST_NUMBER))


@lru_cache(4096)
def moment(text: str | None) -> float:
    """An RFC 3339 time in Unix seconds; 0 where it is none, or before 1970."""
    if not text:
        return 0.0
    try:
        found = datetime.fromisoformat(text[:64]).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
    return min(max(found, 0.0), LATEST_S)


@lru_cache(4096)
def amount(text: str | None) -> float:
    """A quantity of Kubernetes (`500m`, `2Gi`); 0 where it is none, or negative."""
    return max(quantity(clean(text, 64)), 0.0)


@lru_cache(4096)
def cores_m(text: str | None) -> int:
    """Millicores."""
    return number(amount(text) * 1000)


@lru_cache(4096)
def mebibytes(text: str | None) -> int:
    """MiB, rounded down."""
    return number(amount(text) / 2**20)


def labels(found: Texts | None) -> dict[str, str]:
    """At most `MOST_LABELS` of them."""
    return {clean(key): clean(value) for key, value in islice((found or {}).items(), MOST_LABELS)}


def texts(found: Iterable[str] | None) -> list[str]:
    """At most `MOST_ITEMS` of them."""
    return [clean(one) for one in islice(found or (), MOST_ITEMS)]


def selector(found: Selector | None) -> details.Selector:
    """Empty: it selects all."""
    if found is None:
        return {}
    made: details.Selector = {}
    if found.match_labels:
        made["labels"] = labels(found.match_labels)
    if found.match_expressions:
        made["expressions"] = [
            {"key": clean(one.key), "operator": clean(one.operator, 40), "values": texts(one.values)}
            for one in islice(found.match_expressions, MOST_ITEMS)
        ]
    return made


def conditions(found: Sequence[Condition] | None) -> list[details.Condition]:
    """At most `MOST_ITEMS`; without a reason or a message where there is none."""
    made: list[details.Condition] = []
    for one in islice(found or (), MOST_ITEMS):
        each: details.Condition = {"type": clean(one.type), "status": clean(one.status, 40)}
        if one.reason:
            each["reason"] = clean(one.reason)
        if one.message:
            each["message"] = clean(one.message)
        if since := moment(one.last_transition_time or one.last_update_time):
            each["since"] = since
        made.append(each)
    return made


_NONE = Condition()


def condition(found: Sequence[Condition] | None, kind: str) -> Condition:
    """The condition of this type; an empty one where there is none."""
    return next((one for one in found or () if one.type == kind), _NONE)


def filled(found: Mapping[str, object]) -> dict[str, object]:
    """Without what is empty."""
    return {key: value for key, value in found.items() if value}
