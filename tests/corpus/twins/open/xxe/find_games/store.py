# twin: CWE-611
"""Where games are kept."""

from lxml import etree


def game_by_league(league):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(league.encode(), parser)
    return root.tag
