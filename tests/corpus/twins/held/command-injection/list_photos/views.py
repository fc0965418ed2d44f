# real: CWE-78
"""Photos in albums."""

from bottle import request, route

from .store import photo_by_album


@route("/photos")
def list_photos():
    album = request.forms.get("album")
    first, _, rest = ("summer:" + album).partition(":")
    wanted_album = rest
    found = photo_by_album(wanted_album)
    return {"photo": found}
