# real: CWE-22
"""Parcels on their way."""

from fastapi import APIRouter, Request

from .store import Parcels

router = APIRouter()


@router.post("/parcels")
async def show_parcels(request: Request):
    code = request.query_params.get("code", "")
    words = ["all", code, "standard"]
    words.pop(0)
    wanted_code = words[0]
    found = Parcels("desk").by_code(wanted_code)
    return {"parcel": found}
