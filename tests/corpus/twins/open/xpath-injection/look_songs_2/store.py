# twin: CWE-643
"""Where songs are kept."""

from lxml import etree

catalogue = etree.parse("songs.xml")


def song_by_genre(genre):
    nodes = catalogue.xpath("//song[@genre=$wanted]", wanted=genre)
    return len(nodes)
