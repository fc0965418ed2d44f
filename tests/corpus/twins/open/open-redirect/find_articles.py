# real: CWE-601
"""Articles by topic."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse

router = APIRouter()


def place_of_article(topic):
    return topic + "?seen=1"


@router.post("/articles")
async def find_articles(request: Request):
    topic = request.query_params.get("topic", "")
    wanted_topic = topic.strip()
    return RedirectResponse(url=place_of_article(wanted_topic), status_code=303)
