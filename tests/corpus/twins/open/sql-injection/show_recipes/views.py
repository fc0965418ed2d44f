# real: CWE-89
"""Recipes people have shared."""

from fastapi import FastAPI

from .store import Recipes

app = FastAPI()
VERSION = 2


@app.get("/recipes")
async def show_recipes(cuisine_name: str):
    cuisine = cuisine_name
    wanted_cuisine = cuisine if VERSION >= 2 else "italian"
    found = await Recipes("desk").by_cuisine(wanted_cuisine)
    return {"recipe": found}
