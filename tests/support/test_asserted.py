"""A text that is only mentioned in a test proves nothing: what counts is what an assertion compares with."""

from pathlib import Path

import pytest

from tests.support.asserted import asserted

COUNTS = {
    "in the assertion": "def test_a():\n    assert code() == 'SLW1'",
    "as what is raised": "def test_a():\n    with raises(Bad, match='SLW1'):\n        run()",
    "by assignment": "def test_a():\n    wanted = {'SLW1'}\n    assert wanted == codes()",
    "from a table": "CASES = {'a': ('x', 'SLW1')}\n\ndef test_a(name):\n    text, code = CASES[name]\n    assert run(text) == code",
    "by column": "@mark.parametrize(('text', 'code'), [('x', 'SLW1')])\ndef test_a(text, code):\n    assert run(text) == code",
    "by case": "@mark.parametrize('code', [param('SLW1', id='a')])\ndef test_a(code):\n    assert run() == code",
    "by a loop": "def test_a():\n    for code in ('SLW1', ):\n        assert run() == code",
    "by a helper": "def refused(code):\n    assert run() == code\n\ndef test_a():\n    refused('SLW1')",
    "by keyword": "def refused(*, code):\n    assert run() == code\n\ndef test_a():\n    refused(code='SLW1')",
}
ONLY_MENTIONED = {
    "nobody looks at it": "def test_a():\n    code = 'SLW1'\n    assert run()",
    "put in by a stand-in": "def test_a():\n    assert told(BadError('SLW1')) == 'it is bad'",
    "another column": "@mark.parametrize(('text', 'code'), [('SLW1', 'x')])\ndef test_a(text, code):\n    assert code == 'x'",
    "a helper that does not ask": "def start(code):\n    run(code)\n\ndef test_a():\n    start('SLW1')\n    assert ended()",
    "a docstring": "def test_a():\n    'SLW1'\n    assert run()",
}


@pytest.mark.parametrize("source", COUNTS.values(), ids=COUNTS)
def test_a_text_that_an_assertion_compares_with_counts(source: str) -> None:
    assert "SLW1" in asserted({Path("test_a.py"): source})


@pytest.mark.parametrize("source", ONLY_MENTIONED.values(), ids=ONLY_MENTIONED)
def test_a_text_that_is_only_mentioned_does_not_count(source: str) -> None:
    assert "SLW1" not in asserted({Path("test_a.py"): source})


@pytest.mark.parametrize(("helpers", "counts"), [("support.py", True), ("test_other.py", False)])
def test_a_helper_of_another_file_is_known_unless_that_file_holds_tests(helpers: str, counts: bool) -> None:
    files = {
        Path(helpers): "def refused(code):\n    assert run() == code",
        Path("test_a.py"): "def test_a():\n    refused('SLW1')",
    }

    assert ("SLW1" in asserted(files)) is counts
