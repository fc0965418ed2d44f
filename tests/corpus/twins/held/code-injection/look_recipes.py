# real: CWE-95
"""Recipes people have shared."""

import code

from bottle import request, route


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


@route("/recipes")
def look_recipes():
    cuisine = request.forms.get("cuisine")
    wanted_cuisine = checked(cuisine)
    shell = code.InteractiveInterpreter()
    total = shell.runsource(wanted_cuisine)
    return {"recipe": total}
