# real: CWE-611
"""A cellar of wines."""

from lxml import etree
from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("wines")


def wine_by_grape(grape):
    parser = etree.XMLParser(resolve_entities=True)
    root = etree.fromstring(grape.encode(), parser)
    return root.tag


@app.get("/wines")
async def pick_wines(request):
    grape = request.args.get("grape", "")
    wanted_grape = grape.strip()
    found = wine_by_grape(wanted_grape)
    return as_json({"wine": found})
