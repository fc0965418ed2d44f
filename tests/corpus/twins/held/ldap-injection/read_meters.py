# real: CWE-90
"""Readings of meters."""

import ldap3
from fastapi import FastAPI

app = FastAPI()
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Meters:
    def __init__(self, owner):
        self.owner = owner

    def by_region(self, region):
        pages = link.extend.standard.paged_search("dc=example", f"(memberOf=cn={region})", paged_size=50)
        people = len(list(pages))
        return people


@app.get("/meters")
async def read_meters(region_name: str):
    region = region_name
    found = Meters("desk").by_region(region)
    return {"meter": found}
