# twin: CWE-601
"""Patients of a ward."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse

from .pages import place_of_patient

router = APIRouter()
CHOICES = ("general", "other")


@router.post("/patients")
async def open_patients(request: Request):
    ward = request.query_params.get("ward", "")
    for choice in CHOICES:
        if choice == ward:
            wanted_ward = choice
            break
    else:
        raise HTTPException(400, "unknown ward")
    return RedirectResponse(url=place_of_patient(wanted_ward), status_code=303)
