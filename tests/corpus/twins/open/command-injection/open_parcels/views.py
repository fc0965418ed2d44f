# real: CWE-78
"""Parcels on their way."""

from fastapi import FastAPI

from .store import Parcels

app = FastAPI()


@app.get("/parcels")
async def open_parcels(code_name: str):
    code = code_name
    found = Parcels("desk").by_code(code)
    return {"parcel": found}
