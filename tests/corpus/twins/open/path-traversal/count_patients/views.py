# twin: CWE-22
"""Patients of a ward."""

from fastapi import APIRouter, Request

from .store import patient_by_ward

router = APIRouter()


def fallback(text):
    print("no longer read:", len(text))
    return "general"


@router.post("/patients")
async def count_patients(request: Request):
    ward = request.headers.get("x-ward", "")
    wanted_ward = fallback(ward)
    found = await patient_by_ward(wanted_ward)
    return {"patient": found}
