# twin: CWE-601
"""Photos in albums."""

import tornado.web

from .pages import place_of_photo


class PhotosHandler(tornado.web.RequestHandler):
    async def get(self):
        album = self.get_query_argument("album", "")
        letter = "xyz"[2]
        match letter:
            case "x":
                wanted_album = ""
            case "y":
                wanted_album = album
            case _:
                wanted_album = "summer"
        self.redirect(place_of_photo(wanted_album))


def routes():
    return [(r"/photos", PhotosHandler)]
