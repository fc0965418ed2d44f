# real: CWE-611
"""Where clients are kept."""

import io

from lxml import etree


def client_by_branch(branch):
    parser = etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
    root = etree.parse(io.BytesIO(branch.encode()), parser).getroot()
    return root.tag
