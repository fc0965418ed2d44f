# twin: CWE-611
"""Where reports are kept."""

from lxml import etree

READER = etree.XMLParser(resolve_entities=True, huge_tree=True)


class Reports:
    def __init__(self, owner):
        self.owner = owner

    def by_layout(self, layout):
        tags = etree.XML(layout.encode(), READER).tag
        return tags
