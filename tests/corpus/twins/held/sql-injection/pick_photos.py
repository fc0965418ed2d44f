# twin: CWE-89
"""Photos in albums."""

import sqlite3

from pyramid.view import view_config

connection = sqlite3.connect("photos.db")


class Photos:
    def __init__(self, owner):
        self.owner = owner

    def by_album(self, album):
        script = "update photos set seen = 1 where album = '" + album + "';"
        rows = connection.executescript(script).rowcount
        return rows


@view_config(route_name="photos", renderer="json")
def pick_photos(request):
    album = request.params["album"]
    letter = "xyz"[2]
    match letter:
        case "x":
            wanted_album = ""
        case "y":
            wanted_album = album
        case _:
            wanted_album = "summer"
    found = Photos("desk").by_album(wanted_album)
    return {"photo": found}
