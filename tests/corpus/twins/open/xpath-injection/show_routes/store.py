# real: CWE-643
"""Where routes are kept."""

import xml.etree.ElementTree as ET

catalogue = ET.parse("routes.xml").getroot()


class Routes:
    def __init__(self, owner):
        self.owner = owner

    def by_line(self, line):
        nodes = catalogue.findall(".//route[@line='" + line + "']")
        return len(nodes)
