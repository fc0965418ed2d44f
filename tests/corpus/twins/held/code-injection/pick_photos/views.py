# real: CWE-95
"""Photos in albums."""

from collections import deque

from pyramid.view import view_config

from .store import photo_by_album


@view_config(route_name="photos", renderer="json")
def pick_photos(request):
    album = request.POST["album"]
    waiting = deque(["summer"])
    waiting.append(album)
    wanted_album = waiting.pop()
    found = photo_by_album(wanted_album)
    return {"photo": found}
