# twin: CWE-643
"""Where routes are kept."""

from lxml import etree

catalogue = etree.parse("routes.xml")


class Routes:
    def __init__(self, owner):
        self.owner = owner

    def by_line(self, line):
        query = "count(//route[@line='" + line + "'])"
        nodes = str(catalogue.xpath(query))
        return len(nodes)
