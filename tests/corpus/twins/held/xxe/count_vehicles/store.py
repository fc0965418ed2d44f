# twin: CWE-611
"""Where vehicles are kept."""

from lxml import etree

READER = etree.XMLParser(resolve_entities=True, huge_tree=True)


class Vehicles:
    def __init__(self, owner):
        self.owner = owner

    def by_depot(self, depot):
        tags = etree.XML(depot.encode(), READER).tag
        return tags
