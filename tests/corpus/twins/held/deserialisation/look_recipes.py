# real: CWE-502
"""Recipes people have shared."""

import marshal

from flask import Blueprint, jsonify

recipes = Blueprint("recipes", __name__, url_prefix="/recipes")


@recipes.get("/<path:cuisine_name>")
def look_recipes(cuisine_name):
    cuisine = cuisine_name
    found = marshal.loads(bytes.fromhex(cuisine))
    return jsonify(recipe=str(found))
