# real: CWE-643
"""Articles by topic."""

from urllib.parse import unquote

from fastapi import FastAPI

from .store import Articles

app = FastAPI()


@app.get("/articles")
async def show_articles(topic_name: str):
    topic = topic_name
    wanted_topic = unquote(topic)
    found = Articles("desk").by_topic(wanted_topic)
    return {"article": found}
