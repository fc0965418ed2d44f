# real: CWE-89
"""Badges at the door."""

import base64

from fastapi import FastAPI
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine("postgresql:///badges")


@app.get("/badges")
async def look_badges(level_name: str):
    level = level_name
    wanted_level = base64.urlsafe_b64decode(level).decode()
    with engine.connect() as link:
        rows = link.execute(text(f"select name from badges where level = '{wanted_level}'")).all()
    return {"badge": rows}
