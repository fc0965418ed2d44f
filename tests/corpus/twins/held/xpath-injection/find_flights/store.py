# twin: CWE-643
"""Where flights are kept."""

from lxml import etree

catalogue = etree.parse("flights.xml")


class Flights:
    def __init__(self, owner):
        self.owner = owner

    def by_gate(self, gate):
        query = "count(//flight[@gate='" + gate + "'])"
        nodes = str(catalogue.xpath(query))
        return len(nodes)
