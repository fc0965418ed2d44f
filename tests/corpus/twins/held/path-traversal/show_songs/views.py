# real: CWE-22
"""A catalogue of songs."""

from bottle import request, route

from .store import Songs


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


@route("/songs")
def show_songs():
    genre = request.forms.get("genre")
    wanted_genre = Form(genre).cleaned()
    found = Songs("desk").by_genre(wanted_genre)
    return {"song": found}
