# real: CWE-601
"""Patients of a ward."""

import re

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse

router = APIRouter()
SHAPE = re.compile(r"\S+")


@router.post("/patients")
async def open_patients(request: Request):
    ward = request.headers.get("x-ward", "")
    if not SHAPE.match(ward):
        raise HTTPException(400, "unknown ward")
    wanted_ward = ward
    return RedirectResponse(url="https://" + wanted_ward, status_code=303)
