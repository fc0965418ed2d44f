# twin: CWE-502
"""Where songs are kept."""

import json


def song_by_genre(genre):
    found = json.loads(genre)
    return str(found)
