# real: CWE-611
"""Where reports are kept."""

import io
import xml.sax
import xml.sax.handler


class Reports:
    def __init__(self, owner):
        self.owner = owner

    def by_layout(self, layout):
        reader = xml.sax.make_parser()
        reader.setFeature(xml.sax.handler.feature_external_ges, True)
        reader.parse(io.StringIO(layout))
        found = reader.getProperty("report")
        return found
