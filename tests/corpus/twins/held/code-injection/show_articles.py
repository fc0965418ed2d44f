# twin: CWE-95
"""Articles by topic."""

import enum

import tornado.web


class Kind(enum.Enum):
    USUAL = "science"
    OTHER = "other"


class ArticlesHandler(tornado.web.RequestHandler):
    async def get(self):
        topic = self.get_cookie("topic", "")
        wanted_topic = Kind(topic).value
        names = {}
        exec("value = %s" % wanted_topic, names)
        total = names["value"]
        self.write({"article": total})


def routes():
    return [(r"/articles", ArticlesHandler)]
