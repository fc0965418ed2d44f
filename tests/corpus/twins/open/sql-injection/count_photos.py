# real: CWE-89
"""Photos in albums."""

import sqlite3

from rest_framework.decorators import api_view
from rest_framework.response import Response

connection = sqlite3.connect("photos.db")


class Photos:
    def __init__(self, owner):
        self.owner = owner

    def by_album(self, album):
        rows = connection.execute(f"select name from photos where album = '{album}'").fetchall()
        return rows


@api_view(["POST"])
def count_photos(request):
    album = request.data["album"]
    found = Photos("desk").by_album(album)
    return Response({"photo": found})
