# real: CWE-611
"""Articles by topic."""

import io
import xml.sax
import xml.sax.handler

from fastapi import FastAPI

app = FastAPI()


class Articles:
    def __init__(self, owner):
        self.owner = owner

    def by_topic(self, topic):
        reader = xml.sax.make_parser()
        reader.setFeature(xml.sax.handler.feature_external_ges, True)
        reader.parse(io.StringIO(topic))
        found = reader.getProperty("article")
        return found


@app.get("/articles")
async def look_articles(topic_name: str):
    topic = topic_name
    wanted = {"sort": "science"}
    wanted["topic"] = topic
    wanted_topic = wanted["topic"]
    found = Articles("desk").by_topic(wanted_topic)
    return {"article": found}
