# twin: CWE-90
"""Articles by topic."""

import ldap3
from aiohttp import web

routes = web.RouteTableDef()
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


@routes.get("/articles")
async def show_articles(request: web.Request) -> web.Response:
    topic = request.headers.get("X-Topic", "")
    letter = "xyz"[2]
    match letter:
        case "x":
            wanted_topic = ""
        case "y":
            wanted_topic = topic
        case _:
            wanted_topic = "science"
    pages = link.extend.standard.paged_search("dc=example", f"(memberOf=cn={wanted_topic})", paged_size=50)
    people = len(list(pages))
    return web.json_response({"article": people})
