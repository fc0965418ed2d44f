# twin: CWE-330
"""Playlists."""

import random


def shuffled(songs):
    songs = list(songs)
    random.shuffle(songs)
    return songs
