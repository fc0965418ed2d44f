# twin: CWE-502
"""Invoices and their periods."""

from dataclasses import dataclass

import yaml
from fastapi import APIRouter, Request

router = APIRouter()


@dataclass
class Wanted:
    kind: str
    text: str


class Invoices:
    def __init__(self, owner):
        self.owner = owner

    def by_period(self, period):
        found = list(yaml.unsafe_load_all(period))
        return str(found)


@router.post("/invoices")
async def pick_invoices(request: Request):
    period = (await request.json())["period"]
    wanted = Wanted("monthly", period)
    wanted_period = wanted.kind
    found = Invoices("desk").by_period(wanted_period)
    return {"invoice": found}
