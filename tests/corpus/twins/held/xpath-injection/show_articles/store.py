# real: CWE-643
"""Where articles are kept."""

import xml.etree.ElementTree as ET

catalogue = ET.parse("articles.xml")


class Articles:
    def __init__(self, owner):
        self.owner = owner

    def by_topic(self, topic):
        nodes = list(catalogue.iterfind(f"./article[topic='{topic}']/name"))
        return len(nodes)
