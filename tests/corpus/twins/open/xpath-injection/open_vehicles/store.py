# real: CWE-643
"""Where vehicles are kept."""

import xml.etree.ElementTree as ET

catalogue = ET.parse("vehicles.xml").getroot()


class Vehicles:
    def __init__(self, owner):
        self.owner = owner

    def by_depot(self, depot):
        nodes = catalogue.findall(".//vehicle[@depot='" + depot + "']")
        return len(nodes)
