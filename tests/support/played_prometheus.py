"""A Prometheus in memory: it keeps what it scraped of pages, and answers the two kinds of query that are asked here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from domain.core.values import Json

_MATCHER = re.compile(r'(\w+)(=~|=)"((?:[^"\\]|\\.)*)"')
_QUERY = re.compile(r"(timestamp\()?(\w*)\{(.*)\}(?:\)|\[(\d+)s\])", re.DOTALL)
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
Labels = tuple[tuple[str, str], ...]


@dataclass
class PlayedPrometheus:
    """`now`: seconds since the epoch. `asked`: queries so far."""

    now: float = 1_000_000.0
    asked: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _kept: dict[Labels, list[tuple[float, float]]] = field(default_factory=dict)
    _stale: dict[Labels, float] = field(default_factory=dict)

    def scrape(self, process: str, page: str, *, job: str = "router", at: float = 0.0, **target: str) -> None:
        """A page as it is at this moment; labels of the target hide those of its series, which are exported then."""
        when, labels = at or self.now, {"job": job, "instance": process, **target}
        seen = set()
        for family in text_string_to_metric_families(page):
            for one in family.samples:
                own = {f"exported_{name}" if name in labels else name: text for name, text in one.labels.items()}
                key = tuple(sorted({**own, **labels, "__name__": one.name}.items()))
                self._kept.setdefault(key, []).append((when, one.value))
                seen.add(key)
        for key in self._of(process, job):
            if key in seen:
                self._stale.pop(key, None)
            else:
                self._stale.setdefault(key, when)

    def miss(self, process: str, job: str = "router") -> None:
        """A scrape fails: instant queries know nothing of the process until the next one."""
        for key in self._of(process, job):
            self._stale.setdefault(key, self.now)

    def _of(self, process: str, job: str) -> list[Labels]:
        return [key for key in self._kept if ("instance", process) in key and ("job", job) in key]

    def __call__(self, query: str) -> str:
        self.asked.append(query)
        parts = _QUERY.fullmatch(query)
        if parts is None:
            return json.dumps({"status": "error", "errorType": "bad_data", "error": "parse error"})
        instant, name, inside, seconds = parts.groups()
        chosen = [key for key in self._kept if _matches(dict(key), name, matchers(inside))]
        made = self._stamps(chosen) if instant else self._ranges(chosen, float(seconds))
        data: Json = {"resultType": "vector" if instant else "matrix", "result": list(made)}
        return json.dumps({"status": "success", "data": data, "warnings": self.warnings})

    def _stamps(self, chosen: list[Labels]) -> Iterator[Json]:
        for key in chosen:
            times = [when for when, _ in self._kept[key] if self.now - 300 < when <= self.now]
            if times and key not in self._stale:
                metric: dict[str, Json] = {name: text for name, text in key if name != "__name__"}
                yield {"metric": metric, "value": [self.now, str(times[-1])]}

    def _ranges(self, chosen: list[Labels], seconds: float) -> Iterator[Json]:
        for key in chosen:
            values: list[Json] = [
                [when, str(value)] for when, value in self._kept[key] if self.now - seconds < when <= self.now
            ]
            if values:
                metric: dict[str, Json] = dict(key)
                yield {"metric": metric, "values": values}


def matchers(inside: str) -> list[tuple[str, str, str]]:
    """Label, operator and the text between its quotes, as PromQL reads it."""
    return [
        (name, operator, re.sub(r"\\.", lambda found: _ESCAPES[found[0]], text, flags=re.DOTALL))
        for name, operator, text in _MATCHER.findall(inside)
    ]


def _matches(labels: Mapping[str, str], name: str, wanted: list[tuple[str, str, str]]) -> bool:
    every = [*wanted, *([("__name__", "=", name)] if name else [])]
    return all(
        bool(re.fullmatch(text, labels.get(label, ""))) if operator == "=~" else labels.get(label, "") == text
        for label, operator, text in every
    )
