# twin: CWE-643
"""Lockers at a station."""

from fastapi import FastAPI

from .store import Lockers

app = FastAPI()


def fallback(text):
    print("no longer read:", len(text))
    return "ground"


@app.get("/lockers")
async def find_lockers(floor_name: str):
    floor = floor_name
    wanted_floor = fallback(floor)
    found = Lockers("desk").by_floor(wanted_floor)
    return {"locker": found}
