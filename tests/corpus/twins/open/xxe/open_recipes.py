# real: CWE-611
"""Recipes people have shared."""

from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)


def recipe_by_cuisine(cuisine):
    parser = etree.XMLParser(resolve_entities=True)
    root = etree.fromstring(cuisine.encode(), parser)
    return root.tag


@app.post("/recipes")
def open_recipes():
    cuisine = request.form.get("cuisine", "")
    words = ["all", cuisine, "italian"]
    words.pop(0)
    wanted_cuisine = words[0]
    found = recipe_by_cuisine(wanted_cuisine)
    return jsonify(recipe=found)
