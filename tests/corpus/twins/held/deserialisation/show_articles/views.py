# real: CWE-502
"""Articles by topic."""

from collections import deque

from fastapi import APIRouter, Request

from .store import Articles

router = APIRouter()


@router.post("/articles")
async def show_articles(request: Request):
    topic = (await request.json())["topic"]
    waiting = deque(["science"])
    waiting.append(topic)
    wanted_topic = waiting.pop()
    found = Articles("desk").by_topic(wanted_topic)
    return {"article": found}
