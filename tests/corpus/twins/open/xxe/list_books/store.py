# real: CWE-611
"""Where books are kept."""

import io
import xml.sax
import xml.sax.handler


class Books:
    def __init__(self, owner):
        self.owner = owner

    def by_shelf(self, shelf):
        reader = xml.sax.make_parser()
        reader.setFeature(xml.sax.handler.feature_external_ges, True)
        reader.parse(io.StringIO(shelf))
        found = reader.getProperty("book")
        return found
