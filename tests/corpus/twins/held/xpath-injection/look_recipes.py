# real: CWE-643
"""Recipes people have shared."""

import elementpath
from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)
catalogue = etree.parse("recipes.xml")


@app.post("/recipes")
def look_recipes():
    cuisine = request.form["cuisine"]
    nodes = elementpath.select(catalogue, "//recipe[@cuisine='{}']".format(cuisine))
    return jsonify(recipe=len(nodes))
