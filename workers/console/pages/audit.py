"""The audit: who did what, the proof of one entry, and a check of everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from domain.access.actions import Action
from domain.access.audit import AuditKind, AuditOutcome
from domain.access.resource import ENGINE
from domain.access.verdict import STEP_UP
from domain.core.errors import SluicewayError
from workers.client.ports.audit import AuditFilter, Checkpoint, Proof
from workers.client.ports.client import Client
from workers.console.pages import rights
from workers.console.pages.lists import asked, found, part
from workers.console.rendering import Ask, clock, page
from workers.views.audit_formats import FORMATS

KINDS = tuple(kind.value for kind in AuditKind)
OUTCOMES = tuple(outcome.value for outcome in AuditOutcome)
SPANS = {"3600": 3_600.0, "86400": 86_400.0, "604800": 604_800.0, "2592000": 2_592_000.0}
"""Of the filter by time: value of the choice to seconds before now."""


def which_entries(request: Ask) -> AuditFilter:
    """A name without its kind is a person's."""
    actor, span = asked(request, "actor"), SPANS.get(asked(request, "span"), 0)
    return AuditFilter(
        kind=asked(request, "kind"),
        actor=f"person:{actor}" if actor and ":" not in actor else actor,
        action=asked(request, "action"),
        resource=asked(request, "resource"),
        outcome=asked(request, "outcome"),
        since=clock() - span if span else 0,
    )


@get("/audit", include_in_schema=False)
async def entries(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Newest first, and whether this browser sees the log that it saw before."""
    listed = await client.audit.query(which_entries(request), part(request))
    latest = await found(client.audit.checkpoint())
    return page(
        request,
        "audit/list.html.j2",
        entries=listed,
        checkpoint=None if isinstance(latest, SluicewayError) else latest,
        problem=latest if isinstance(latest, SluicewayError) else None,
        signed=signed(latest),
        kinds=KINDS,
        outcomes=OUTCOMES,
        may=await rights.verdicts(client, ENGINE, Action.AUDIT_EXPORT),
        fresh=STEP_UP,
    )


@get("/audit/check", include_in_schema=False)
async def check(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Every entry, every hash, and what every witness has kept."""
    return page(request, "audit/check.html.j2", check=await client.audit.verify())


@get("/audit/{seq:int}", include_in_schema=False)
async def entry(request: Ask, client: NamedDependency[Client], seq: FromPath[int]) -> Response[str]:
    """One entry, and what shows that it is in the signed log."""
    proof = await client.audit.prove(seq)
    told = dict(proof.row.details)
    details = json.dumps(told, ensure_ascii=False, indent=2, default=dict) if told else ""
    return page(
        request,
        "audit/entry.html.j2",
        proof=proof,
        row=proof.row,
        details=details,
        proven=proven(proof),
        signed=signed(proof.checkpoint),
    )


@get("/audit/export", include_in_schema=False)
async def export(request: Ask, client: NamedDependency[Client]) -> Stream:
    """All that match, oldest first, as a file: JSON lines, or CEF, or OTLP's JSON."""
    form = asked(request, "format") if asked(request, "format") in FORMATS else "json"
    which = which_entries(request)
    first = await client.audit.export(which)  # before anything is sent: a refusal is a page

    async def lines() -> AsyncIterator[str]:
        rows = first
        while rows:
            for line in FORMATS[form](rows):
                yield f"{line}\n"
            rows = await client.audit.export(which, rows[-1].seq + 1)

    headers = {"Content-Disposition": f"attachment; filename=audit.{form}", "Cache-Control": "no-store"}
    return Stream(lines(), headers=headers, media_type="application/octet-stream")


def signed(checkpoint: Checkpoint | SluicewayError) -> str:
    """What js/audit.js compares with what this browser has seen, as JSON; empty: there is no checkpoint."""
    return "" if isinstance(checkpoint, SluicewayError) else json.dumps(asdict(checkpoint))


def proven(proof: Proof) -> str:
    """What js/audit.js verifies, as JSON."""
    return json.dumps({"seq": proof.row.seq, "leaf": proof.leaf, "hashes": proof.hashes})


HANDLERS = (entries, check, export, entry)
