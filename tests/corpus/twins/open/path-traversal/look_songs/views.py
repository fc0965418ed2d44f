# twin: CWE-22
"""A catalogue of songs."""

from flask import Blueprint, jsonify

from .store import Songs

songs = Blueprint("songs", __name__, url_prefix="/songs")


@songs.get("/<path:genre_name>")
def look_songs(genre_name):
    genre = genre_name
    found = Songs("desk").by_genre(genre)
    return jsonify(song=found)
