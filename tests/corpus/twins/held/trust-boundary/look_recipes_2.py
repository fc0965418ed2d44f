# twin: CWE-501
"""Recipes people have shared."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

OLD_CLIENTS = False


async def look_recipes(request: Request):
    cuisine = (await request.form())["cuisine"]
    wanted_cuisine = "italian"
    if OLD_CLIENTS:
        wanted_cuisine = cuisine
    request.session["cuisine"] = [wanted_cuisine]
    return JSONResponse({"recipe": "kept"})


routes = [Route("/recipes", look_recipes, methods=["GET", "POST"])]
