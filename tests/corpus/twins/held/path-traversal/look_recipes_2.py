# real: CWE-22
"""Recipes people have shared."""

import io
import shutil

from fastapi import APIRouter, Request

router = APIRouter()
ROOT = "/srv/recipes/"


@router.post("/recipes")
async def look_recipes(request: Request):
    cuisine = (await request.json())["cuisine"]
    page = io.StringIO()
    page.write(cuisine)
    wanted_cuisine = page.getvalue()
    shutil.rmtree(ROOT + wanted_cuisine)
    body = "gone"
    return {"recipe": body}
