# real: CWE-501
"""Patients of a ward."""

from fastapi import APIRouter, Request

router = APIRouter()


@router.post("/patients")
async def open_patients(request: Request):
    ward = request.headers.get("x-ward", "")
    request.session["ward"] = {"level": ward}
    return {"patient": "kept"}
