# twin: CWE-643
"""Where articles are kept."""

from lxml import etree

catalogue = etree.parse("articles.xml")


class Articles:
    def __init__(self, owner):
        self.owner = owner

    def by_topic(self, topic):
        search = etree.XPath("//article[@topic='%s']" % topic)
        nodes = search(catalogue)
        return len(nodes)
