# real: CWE-22
"""Readings of meters."""

import shutil

from fastapi import FastAPI

app = FastAPI()
ROOT = "/srv/meters/"


class Meters:
    def __init__(self, owner):
        self.owner = owner

    def by_region(self, region):
        shutil.rmtree(ROOT + region)
        body = "gone"
        return body


@app.get("/meters")
async def read_meters(region_name: str):
    region = region_name
    found = Meters("desk").by_region(region)
    return {"meter": found}
