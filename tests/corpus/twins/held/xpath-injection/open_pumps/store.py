# real: CWE-643
"""Where pumps are kept."""

import xml.etree.ElementTree as ET

catalogue = ET.parse("pumps.xml")


class Pumps:
    def __init__(self, owner):
        self.owner = owner

    def by_site(self, site):
        nodes = list(catalogue.iterfind(f"./pump[site='{site}']/name"))
        return len(nodes)
