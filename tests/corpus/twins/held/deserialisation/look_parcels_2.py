# real: CWE-502
"""Parcels on their way."""

import io
import marshal

from fastapi import FastAPI

app = FastAPI()


@app.get("/parcels")
async def look_parcels(code_name: str):
    code = code_name
    page = io.StringIO()
    page.write(code)
    wanted_code = page.getvalue()
    found = marshal.loads(bytes.fromhex(wanted_code))
    return {"parcel": str(found)}
