# real: CWE-79
"""Recipes people have shared."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()
NAMES = {"a": "italian", "b": "other"}


@app.get("/recipes")
async def open_recipes(cuisine_name: str):
    cuisine = cuisine_name
    wanted_cuisine = NAMES.get(cuisine, cuisine)
    return HTMLResponse(content=f"<h1>recipes of {wanted_cuisine}</h1>", status_code=200)
