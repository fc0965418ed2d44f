# twin: CWE-643
"""Where lockers are kept."""

from lxml import etree

catalogue = etree.parse("lockers.xml")


class Lockers:
    def __init__(self, owner):
        self.owner = owner

    def by_floor(self, floor):
        search = etree.XPath("//locker[@floor='%s']" % floor)
        nodes = search(catalogue)
        return len(nodes)
