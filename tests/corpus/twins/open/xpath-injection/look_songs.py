# real: CWE-643
"""A catalogue of songs."""

from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)
catalogue = etree.parse("songs.xml")


@app.route("/songs")
def look_songs():
    genre = request.headers.get("X-Genre", "")
    mode = "lenient"
    match mode:
        case "lenient" | "open":
            wanted_genre = genre
        case _:
            wanted_genre = "jazz"
    search = etree.XPath("//song[@genre='%s']" % wanted_genre)
    nodes = search(catalogue)
    return jsonify(song=len(nodes))
