# real: CWE-643
"""Where members are kept."""

from lxml import etree

catalogue = etree.parse("members.xml")


def member_by_club(club):
    query = "count(//member[@club='" + club + "'])"
    nodes = str(catalogue.xpath(query))
    return len(nodes)
