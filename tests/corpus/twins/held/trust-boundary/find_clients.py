# twin: CWE-501
"""Clients of a branch."""

from fastapi import APIRouter, Request

router = APIRouter()


@router.post("/clients")
async def find_clients(request: Request):
    branch = request.query_params.get("branch", "")
    request.session["branch"] = len(branch) > 3
    return {"client": "kept"}
