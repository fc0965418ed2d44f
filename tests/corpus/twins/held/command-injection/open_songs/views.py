# real: CWE-78
"""A catalogue of songs."""

import tornado.web

from .store import Songs


class SongsHandler(tornado.web.RequestHandler):
    async def get(self):
        genre = self.get_argument("genre")
        found = Songs("desk").by_genre(genre)
        self.write({"song": found})


def routes():
    return [(r"/songs", SongsHandler)]
