# twin: CWE-643
"""Where badges are kept."""

from lxml import etree

catalogue = etree.parse("badges.xml")


def badge_by_level(level):
    nodes = catalogue.xpath("//badge[@level=$wanted]", wanted=level)
    return len(nodes)
