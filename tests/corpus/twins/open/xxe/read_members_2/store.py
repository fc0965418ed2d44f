# twin: CWE-611
"""Where members are kept."""

from lxml import etree


def member_by_club(club):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(club.encode(), parser)
    return root.tag
