# real: CWE-643
"""A cellar of wines."""

import elementpath
from lxml import etree
from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("wines")
catalogue = etree.parse("wines.xml")


@app.get("/wines")
async def count_wines(request):
    grape = request.form.get("grape")
    wanted_grape = "".join(letter for letter in grape if letter != "\0")
    nodes = elementpath.select(catalogue, "//wine[@grape='{}']".format(wanted_grape))
    return as_json({"wine": len(nodes)})
