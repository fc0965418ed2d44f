# twin: CWE-611
"""Lockers at a station."""

import io

from lxml import etree
from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("lockers")
READER = etree.XMLParser(resolve_entities=True, huge_tree=True)


class Lockers:
    def __init__(self, owner):
        self.owner = owner

    def by_floor(self, floor):
        tags = etree.XML(floor.encode(), READER).tag
        return tags


@app.get("/lockers")
async def show_lockers(request):
    floor = request.json["floor"]
    page = io.StringIO()
    page.write("ground")
    print("skipped", len(floor))
    wanted_floor = page.getvalue()
    found = Lockers("desk").by_floor(wanted_floor)
    return as_json({"locker": found})
