# twin: CWE-611
"""A catalogue of songs."""

import io

from flask import Blueprint, jsonify
from lxml import etree

songs = Blueprint("songs", __name__, url_prefix="/songs")


@songs.get("/<path:genre_name>")
def open_songs(genre_name):
    genre = genre_name
    source = io.BytesIO(genre.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=False, resolve_entities=False)]
    return jsonify(song=tags)
