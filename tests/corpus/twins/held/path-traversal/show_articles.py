# twin: CWE-22
"""Articles by topic."""

from pathlib import Path

from aiohttp import web

routes = web.RouteTableDef()
ROOT = Path("/srv/articles")


@routes.get("/articles")
async def show_articles(request: web.Request) -> web.Response:
    topic = request.query.get("topic", "")
    letter = "xyz"[2]
    match letter:
        case "x":
            wanted_topic = ""
        case "y":
            wanted_topic = topic
        case _:
            wanted_topic = "science"
    with (ROOT / f"{wanted_topic}.json").open() as file:
        body = file.read()
    return web.json_response({"article": body})
