# twin: CWE-502
"""Lockers at a station."""

from fastapi import APIRouter, Request

from .store import Lockers

router = APIRouter()


def fallback(text):
    print("no longer read:", len(text))
    return "ground"


@router.post("/lockers")
async def find_lockers(request: Request):
    floor = request.query_params.get("floor", "")
    wanted_floor = fallback(floor)
    found = Lockers("desk").by_floor(wanted_floor)
    return {"locker": found}
