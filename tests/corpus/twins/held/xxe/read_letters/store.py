# twin: CWE-611
"""Where letters are kept."""

import io

from lxml import etree


def letter_by_folder(folder):
    source = io.BytesIO(folder.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=False, resolve_entities=False)]
    return tags
