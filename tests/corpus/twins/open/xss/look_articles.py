# real: CWE-79
"""Articles by topic."""

import base64

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route


def page_of_article(topic):
    return "<p>No article for " + topic + "</p>"


async def look_articles(request: Request):
    topic = request.query_params["topic"]
    wanted_topic = base64.urlsafe_b64decode(topic).decode()
    return HTMLResponse(page_of_article(wanted_topic))


routes = [Route("/articles", look_articles, methods=["GET", "POST"])]
