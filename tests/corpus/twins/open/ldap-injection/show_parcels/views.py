# real: CWE-90
"""Parcels on their way."""

from fastapi import APIRouter, Request

from .store import Parcels

router = APIRouter()


@router.post("/parcels")
async def show_parcels(request: Request):
    code = request.headers.get("x-code", "")
    words = ["all", code, "standard"]
    words.pop(0)
    wanted_code = words[0]
    found = Parcels("desk").by_code(wanted_code)
    return {"parcel": found}
