"""Finds the rule of a SARIF result, and what the rule says: level, message, weakness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.core.documents import Node

_CWE = re.compile(r"cwe[-_/ ]?0*(\d{1,5})", re.IGNORECASE)
_NUMBER = re.compile(r"0*(\d{1,5})")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,3})\}")
_MAX_MESSAGE = 2_000


def listed(node: Node, name: str) -> list[Node]:
    """A list that may be left out. What else it is says nothing, least of all that all went well.

    Raises:
        ValueError: it is something else, or not a list of objects.
    """
    ones = node.need_list(name) if node[name] else []
    for one in ones:
        one.need_object()
    return ones


@dataclass(frozen=True)
class Rule:
    """A rule's descriptor and the component that has it; both empty when a result names no known rule."""

    key: tuple[int, int] = (-1, -1)
    """Positions of the component and of the rule in it."""
    descriptor: Node = field(default_factory=Node)
    component: Node = field(default_factory=Node)


@dataclass(frozen=True)
class _Component:
    node: Node
    rules: Sequence[Node]
    ids: Mapping[str, int]
    guids: Mapping[str, int]

    @staticmethod
    def of(node: Node) -> _Component:
        rules = listed(node, "rules")
        by_id: dict[str, int] = {}
        by_guid: dict[str, int] = {}
        for at, rule in enumerate(rules):
            by_id.setdefault(rule["id"].text(), at)
            by_guid.setdefault(rule["guid"].text().lower(), at)
        return _Component(node, rules, by_id, by_guid)

    def named(self, rule_id: str, guid: str) -> int:
        if guid and guid.lower() in self.guids:
            return self.guids[guid.lower()]
        return next((self.ids[name] for name in _prefixes(rule_id) if name in self.ids), -1)


@dataclass(frozen=True)
class Rules:
    """The rules of a run: those of its driver and those of its extensions."""

    components: Sequence[_Component]
    taxonomies: Sequence[Node]

    @staticmethod
    def of(run: Node) -> Rules:
        """Raises ValueError when the driver or a list of rules is malformed."""
        parts = [run.need("tool", "driver"), *listed(run["tool"], "extensions")]
        return Rules([_Component.of(part) for part in parts], listed(run, "taxonomies"))

    def of_result(self, result: Node) -> Rule:
        """By `rule`, `ruleIndex` and `ruleId` (3.27.5 to 3.27.7)."""
        reference = result["rule"]
        rule_id = result["ruleId"].text() or reference["id"].text()
        return self.find(reference, rule_id, result["ruleIndex"].whole(reference["index"].whole(-1)))

    def find(self, reference: Node, rule_id: str, index: int) -> Rule:
        """The rule of a reference. Where an index and a name contradict each other, the name counts."""
        guid = reference["guid"].text()
        first = self._component(reference["toolComponent"])
        rules = self.components[first].rules
        indexed = 0 <= index < len(rules)
        if indexed and (not rule_id or rules[index]["id"].text() in _prefixes(rule_id)):
            return self._rule(first, index)
        others = [at for at in range(len(self.components)) if at != first]
        for at in (first, *others):
            if (found := self.components[at].named(rule_id, guid)) >= 0:
                return self._rule(at, found)
        return self._rule(first, index) if indexed else Rule()

    def _rule(self, component: int, index: int) -> Rule:
        part = self.components[component]
        return Rule((component, index), part.rules[index], part.node)

    def _component(self, reference: Node) -> int:
        """Position by index (of the extensions), guid or name (3.54); the driver when it says nothing."""
        index = reference["index"].whole(-1)
        if 0 <= index < len(self.components) - 1:
            return index + 1
        guid, name = reference["guid"].text().lower(), reference["name"].text()
        for at, part in enumerate(self.components):
            if (guid and part.node["guid"].text().lower() == guid) or (name and part.node["name"].text() == name):
                return at
        return 0

    def cwe(self, result: Node, rule: Node) -> str:
        """The weakness as `CWE-79`, from tags, properties `cwe`, and taxa (3.27.8, 3.49.15); empty: none."""
        properties = [rule["properties"], result["properties"]]
        said = " ".join(text for one in properties for text in (*one["tags"].texts(), *_texts(one["cwe"])))
        if found := _CWE.search(said):
            return f"CWE-{int(found.group(1))}"
        references = [*result["taxa"], *(one["target"] for one in rule["relationships"])]
        return next((cwe for one in references if (cwe := self._taxon(one))), "")

    def _taxon(self, reference: Node) -> str:
        at = reference["toolComponent"]
        taxonomy = self._taxonomy(at)
        name = at["name"].text() or taxonomy["name"].text()
        known, index = reference["id"].text(), reference["index"].whole(-1)
        taxa = [] if known else list(taxonomy["taxa"])
        if 0 <= index < len(taxa):
            known = taxa[index]["id"].text()
        found = _CWE.search(known) or (_NUMBER.fullmatch(known) if name.upper() == "CWE" else None)
        return f"CWE-{int(found.group(1))}" if found else ""

    def _taxonomy(self, reference: Node) -> Node:
        index, guid = reference["index"].whole(-1), reference["guid"].text().lower()
        if 0 <= index < len(self.taxonomies):
            return self.taxonomies[index]
        name = reference["name"].text()
        fits = (
            one
            for one in self.taxonomies
            if (guid and one["guid"].text().lower() == guid) or (name and one["name"].text() == name)
        )
        return next(fits, Node())


def overrides(run: Node, rules: Rules) -> list[dict[tuple[int, int], Node]]:
    """Per invocation the configurations that it put in place of the rules' own (3.20.5)."""
    found = []
    for invocation in listed(run, "invocations"):
        mine: dict[tuple[int, int], Node] = {}
        for one in listed(invocation, "ruleConfigurationOverrides"):
            about = one["descriptor"]
            rule = rules.find(about, about["id"].text(), about["index"].whole(-1))
            if rule.descriptor:
                mine[rule.key] = one["configuration"]
        found.append(mine)
    return found


def message(result: Node, rule: Rule) -> str:
    """Its text, or the rule's text of its `id`, with the arguments put in (3.11); else what the rule says of itself."""
    said = result["message"]
    name = said["id"].text()
    known = [said]
    if name:
        known += [rule.descriptor.at("messageStrings", name), rule.component.at("globalMessageStrings", name)]
    known += [rule.descriptor[each] for each in ("fullDescription", "shortDescription")]
    text = next((found for one in known if (found := one["text"].text() or one["markdown"].text())), "")
    return _filled(text[: 2 * _MAX_MESSAGE], [one.text() for one in said["arguments"]])[:_MAX_MESSAGE]


def _filled(text: str, arguments: Sequence[str]) -> str:
    """With `{0}` replaced; without arguments braces are the author's own."""
    if not arguments:
        return text

    def put(found: re.Match[str]) -> str:
        if found.group(1) is None:
            return found.group()[0]
        at = int(found.group(1))
        return arguments[at][:500] if at < len(arguments) else found.group()

    return _PLACEHOLDER.sub(put, text)


def _prefixes(rule_id: str) -> Iterator[str]:
    """`CA5350/md5`, then `CA5350`: the last parts of an id may say more than the rule's own (3.27.5)."""
    parts = rule_id.split("/", maxsplit=20)
    return ("/".join(parts[:end]) for end in range(len(parts), 0, -1) if rule_id)


def _texts(node: Node) -> list[str]:
    return node.texts() or [node.text()]
