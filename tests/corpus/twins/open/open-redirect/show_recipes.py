# real: CWE-601
"""Recipes people have shared."""

from flask import Blueprint, redirect

recipes = Blueprint("recipes", __name__, url_prefix="/recipes")
VERSION = 2


@recipes.get("/<path:cuisine_name>")
def show_recipes(cuisine_name):
    cuisine = cuisine_name
    wanted_cuisine = cuisine if VERSION >= 2 else "italian"
    return redirect(wanted_cuisine)
