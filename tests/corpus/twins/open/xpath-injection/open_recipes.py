# twin: CWE-643
"""Recipes people have shared."""

import hashlib
import xml.etree.ElementTree as ET

from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("recipes")
catalogue = ET.parse("recipes.xml").getroot()


@app.get("/recipes")
async def open_recipes(request):
    cuisine = request.form.get("cuisine")
    wanted_cuisine = hashlib.sha256(cuisine.encode()).hexdigest()
    nodes = catalogue.findall(".//recipe[@cuisine='" + wanted_cuisine + "']")
    return as_json({"recipe": len(nodes)})
