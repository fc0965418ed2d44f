"""Families of Common Weakness Enumeration numbers that tools use interchangeably (cwe.mitre.org)."""

from __future__ import annotations

from functools import lru_cache

_FAMILIES = (
    ("command-injection", (77, 78, 88)),
    ("sql-injection", (89, 564, 943)),
    ("ldap-injection", (90,)),
    ("xpath-injection", (91, 643)),
    ("code-injection", (94, 95, 96)),
    ("template-injection", (1336,)),
    ("path-traversal", (22, 23, 35, 36, 73)),
    ("cross-site-scripting", (79, 80, 83, 87, 116)),
    ("deserialization", (502,)),
    ("xml", (611, 776, 827)),
    ("request-forgery", (918,)),
    ("open-redirect", (601,)),
    ("trust-boundary", (501,)),
    ("weak-cryptography", (326, 327, 328, 916)),
    ("weak-random", (330, 331, 338)),
    ("certificate", (295, 297, 298, 299)),
    ("hardcoded-credentials", (259, 321, 522, 798)),
    ("temporary-file", (377, 379)),
    ("permissions", (276, 732)),
    ("debug", (215, 489)),
    ("exposed-interface", (605, 1327)),
    ("exceptions", (390, 703, 754, 755)),
    ("cookie", (614, 1004, 1275)),
    ("token-verification", (287, 345, 347)),
    ("resource-exhaustion", (400, 770, 1333)),
)
_OF = {number: name for name, numbers in _FAMILIES for number in numbers}


_OF_RULE = {
    **dict.fromkeys(("B102", "B307"), "CWE-95"),  # said to be 78: eval and exec start no shell
    "B506": "CWE-502",  # said to be 20, as the following
    "B310": "CWE-918",  # said to be 22: it opens addresses of any kind
    "B201": "CWE-489",  # said to be 94: the debugger is on
    **dict.fromkeys(("B313", "B314", "B315", "B316", "B317", "B318", "B319"), "CWE-776"),
}
"""Rules of bandit whose own number is too general to tell two weaknesses apart, or to merge one found by two tools."""


def cwe_of(rule: str, said: str) -> str:
    """The number of a rule, where its tool's own misleads; else what the tool said."""
    return _OF_RULE.get(rule, said)


@lru_cache(maxsize=4096)
def family(cwe: str) -> str:
    """`CWE-78` to its family; the number itself when it has none; empty for an empty text."""
    number = cwe.upper().removeprefix("CWE-")
    if not number.isdecimal():
        return ""
    return _OF.get(int(number), f"cwe-{int(number)}")
