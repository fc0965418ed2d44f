# twin: CWE-90
"""Recipes people have shared."""

from flask import Flask, jsonify, request
from flask.views import MethodView

from .store import recipe_by_cuisine

app = Flask(__name__)
OLD_CLIENTS = False


class RecipesView(MethodView):
    def post(self):
        cuisine = request.form.get("cuisine", "")
        wanted_cuisine = "italian"
        if OLD_CLIENTS:
            wanted_cuisine = cuisine
        found = recipe_by_cuisine(wanted_cuisine)
        return jsonify(recipe=found)


app.add_url_rule("/recipes", view_func=RecipesView.as_view("recipes"))
