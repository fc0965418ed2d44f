# real: CWE-611
"""Where plants are kept."""

from xml.dom import pulldom
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges


class Plants:
    def __init__(self, owner):
        self.owner = owner

    def by_bed(self, bed):
        reader = make_parser()
        reader.setFeature(feature_external_ges, True)
        tags = [node.nodeName for _, node in pulldom.parseString(bed, parser=reader)]
        return tags
