# real: CWE-89
"""Halls of a museum."""

from fastapi import APIRouter, Request
from sqlalchemy import create_engine, text

router = APIRouter()
engine = create_engine("postgresql:///museums")


class Museums:
    def __init__(self, owner):
        self.owner = owner

    def by_hall(self, hall):
        with engine.connect() as link:
            rows = link.execute(text(f"select name from museums where hall = '{hall}'")).all()
        return rows


@router.post("/museums")
async def read_museums(request: Request):
    hall = request.headers.get("x-hall", "")
    mode = "lenient"
    match mode:
        case "lenient" | "open":
            wanted_hall = hall
        case _:
            wanted_hall = "modern"
    found = Museums("desk").by_hall(wanted_hall)
    return {"museum": found}
