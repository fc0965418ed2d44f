"""What is written into XML can be read again."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from domain.core.xml_text import allowed


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_any_text_can_be_in_xml_and_what_may_be_in_it_is_kept(text):
    element = ElementTree.Element("a")
    element.text = allowed(text)
    ElementTree.fromstring(ElementTree.tostring(element))

    assert allowed(allowed(text)) == allowed(text)
    assert allowed("a\x1b[31m\x00\ud800\ufffe\n\té\U0001f600", "?") == "a?[31m???\n\té\U0001f600"
