# twin: CWE-78
"""Recipes people have shared."""

from flask import Blueprint, jsonify

from .store import recipe_by_cuisine

recipes = Blueprint("recipes", __name__, url_prefix="/recipes")


class Form:
    choices = ("italian", "other")

    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.choices[0] if self.text else self.choices[1]


@recipes.get("/<path:cuisine_name>")
def count_recipes(cuisine_name):
    cuisine = cuisine_name
    wanted_cuisine = Form(cuisine).cleaned()
    found = recipe_by_cuisine(wanted_cuisine)
    return jsonify(recipe=found)
