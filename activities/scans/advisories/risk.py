"""EPSS scores and CISA's KEV catalog, by CVE: the likelihood of exploitation, and known exploitation.

EPSS: a CSV file with the columns cve and epss (first.org/epss/data_stats). KEV: the JSON catalog of exploited
vulnerabilities (cisa.gov/known-exploited-vulnerabilities-catalog).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from activities.core.files import FOR_ALL, replacing
from domain.core.errors import SluicewayError
from domain.scans.findings.risk import Risk

FILE = "risk.db"
MAX_BYTES = 500_000_000
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_BATCH = 500


def build(epss: Path | None, kev: Path | None, folder: Path) -> int:
    """Writes the lookup file atomically; returns its number of vulnerabilities.

    Raises:
        SluicewayError: SLW856, a file is malformed.
    """
    found: dict[str, Risk] = {}
    for cve, score in _scores(epss) if epss else ():
        found[cve] = Risk(score)
    for cve in _exploited(kev) if kev else ():
        found[cve] = Risk(found.get(cve, Risk()).epss, True)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / FILE, FOR_ALL) as new, closing(sqlite3.connect(new)) as db:
        db.execute("create table risks (cve text primary key, epss real not null, kev integer not null) without rowid")
        db.executemany("insert into risks values (?, ?, ?)", ((c, r.epss, r.kev) for c, r in sorted(found.items())))
        db.commit()
    return len(found)


def _scores(path: Path) -> Iterator[tuple[str, float]]:
    with _open(path) as text:
        rows = csv.DictReader(line for line in text if not line.startswith("#"))
        try:
            if not {"cve", "epss"} <= set(rows.fieldnames or ()):
                raise ValueError("it lacks the columns cve and epss")
            for row in rows:
                score = float(row["epss"])
                if not (_CVE.fullmatch(row["cve"]) and 0 <= score <= 1):
                    raise ValueError(f"line {rows.line_num} is not the score of a CVE")
                yield row["cve"], score
        except (ValueError, KeyError, TypeError, csv.Error) as wrong:
            raise _unreadable(path, wrong) from wrong


def _exploited(path: Path) -> Iterator[str]:
    with _open(path) as text:
        try:
            for one in json.load(text)["vulnerabilities"]:
                if not _CVE.fullmatch(one["cveID"]):
                    raise ValueError(f"{one['cveID']!r} is not a CVE")
                yield one["cveID"]
        except (ValueError, KeyError, TypeError, RecursionError) as wrong:
            raise _unreadable(path, wrong) from wrong


def _open(path: Path) -> io.StringIO:
    """As text, decompressed if needed."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"it is bigger than {MAX_BYTES / 1e6:g} MB")
        return io.StringIO(data.decode("utf-8"))
    except (OSError, EOFError, ValueError, zlib.error) as wrong:
        raise _unreadable(path, wrong) from wrong


def _unreadable(path: Path, wrong: Exception) -> SluicewayError:
    fix = "use the file as published by first.org or cisa.gov"
    return SluicewayError("SLW856", "this is not a list of risks", where=str(path), why=str(wrong)[:200], fix=fix)


def lookup(folder: Path | None, names: Iterable[str]) -> dict[str, Risk]:
    """Risks of the given CVEs; empty without a file."""
    file = folder / FILE if folder else None
    wanted = sorted({name for name in names if _CVE.fullmatch(name)})
    if file is None or not file.exists():
        return {}
    found: dict[str, Risk] = {}
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            rows = db.execute(f"select cve, epss, kev from risks where cve in ({marks})", batch)  # noqa: S608
            found |= {cve: Risk(epss, bool(kev)) for cve, epss, kev in rows}
    return found
