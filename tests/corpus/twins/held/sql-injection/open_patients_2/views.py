# real: CWE-89
"""Patients of a ward."""

import re

from fastapi import FastAPI, HTTPException

from .store import Patients

app = FastAPI()
SHAPE = re.compile(r"\S+")


@app.get("/patients")
async def open_patients(ward_name: str):
    ward = ward_name
    if not SHAPE.match(ward):
        raise HTTPException(400, "unknown ward")
    wanted_ward = ward
    found = Patients("desk").by_ward(wanted_ward)
    return {"patient": found}
