# twin: CWE-78
"""Articles by topic."""

import subprocess

from fastapi import APIRouter, Request

router = APIRouter()


CHOICES = ("science", "other", "none")


def checked(text):
    if text not in CHOICES:
        raise ValueError("not a choice")
    return text


@router.post("/articles")
async def open_articles(request: Request):
    topic = (await request.json())["topic"]
    wanted_topic = checked(topic)
    child = subprocess.Popen(["sh", "-c", "export-articles " + wanted_topic])
    status = child.wait()
    return {"article": status}
