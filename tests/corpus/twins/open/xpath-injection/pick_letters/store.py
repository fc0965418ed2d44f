# real: CWE-643
"""Where letters are kept."""

from lxml import etree

catalogue = etree.parse("letters.xml")


def letter_by_folder(folder):
    search = etree.XPath("//letter[@folder='%s']" % folder)
    nodes = search(catalogue)
    return len(nodes)
