# real: CWE-643
"""Members of clubs."""

from fastapi import APIRouter, Request

from .store import member_by_club

router = APIRouter()


@router.post("/members")
async def pick_members(request: Request):
    club = (await request.json())["club"]
    found = member_by_club(club)
    return {"member": found}
