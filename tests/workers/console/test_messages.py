"""Every message of the console is said in every language, with the same values in it."""

from __future__ import annotations

import pytest
from jinja2 import nodes

from tests.workers.console import messages
from workers.console import i18n
from workers.console.rendering import TEMPLATES, environment_of

OTHERS = sorted(set(i18n.LANGUAGES) - {"en"})


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_untranslated(language: str):
    missing = []
    for feature, said in messages.said().items():
        known = messages.read(language, feature)
        for message in said:
            found = known.get(message if isinstance(message, str) else message[0])
            texts = messages.texts(found)
            if not texts or not all(texts):
                missing.append((feature, message))
    assert missing == [], "make messages, then translate"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_of_its_message(language: str):
    wrong = []
    for feature in messages.said():
        for one in messages.read(language, feature):
            said = one.id if isinstance(one.id, str) else one.id[-1]
            wrong += [text for text in messages.texts(one) if said and messages.places(text) != messages.places(said)]
    assert wrong == []


def test_only_what_stands_in_a_template_is_translated_there():
    """What `_()` answers is markup: of a stranger's text it would be theirs. Texts of the code are `| worded`."""
    environment = environment_of("en")
    wrong = [
        f"{path.name}:{call.lineno}"
        for path in TEMPLATES.rglob("*.j2")
        for call in environment.parse(path.read_text()).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext") and not is_constant(call.args[0])
    ]
    assert wrong == []


def is_constant(said: nodes.Expr) -> bool:
    if isinstance(said, nodes.CondExpr):
        return is_constant(said.expr1) and (said.expr2 is None or is_constant(said.expr2))
    return isinstance(said, nodes.Const)


def test_an_unknown_language_is_english():
    assert i18n.catalog("xx").gettext("Runs") == "Runs"
    assert [i18n.catalog("en").ngettext("job", "jobs", number) for number in (0, 1, 2)] == ["jobs", "job", "jobs"]
