"""What is reported: the rules, by the name that sinks use."""

from __future__ import annotations

from domain.scans.dataflow.models.model import Rule
from domain.scans.findings.model import Severity

_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
_LITERAL = (frozenset({"starts:'", "ends:'", "no:'"}), frozenset({'starts:"', 'ends:"', 'no:"'}))
"""A text that was checked to be one literal in quotes."""
_QUOTES = (frozenset({"no:'"}), frozenset({'no:"', "no:'"}))

_RULES = (
    Rule("sql-injection", "CWE-89", "sql", _HIGH, "A value from outside becomes part of an SQL statement"),
    Rule("command-injection", "CWE-78", "command", _HIGH, "A value from outside becomes part of a command"),
    Rule("code-injection", "CWE-94", "code", _HIGH, "A value from outside is run as code", absent=_LITERAL),
    Rule("deserialization", "CWE-502", "load", _HIGH, "A value from outside is loaded as objects"),
    Rule("template-injection", "CWE-1336", "template", _HIGH, "A value from outside becomes part of a template"),
    Rule("xxe", "CWE-611", "xxe", _HIGH, "XML from outside is parsed with external entities"),
    Rule(
        "xpath-injection",
        "CWE-643",
        "xpath",
        _HIGH,
        "A value from outside becomes part of an XPath expression",
        impact="medium",
        absent=_QUOTES,
    ),
    Rule(
        "path-traversal",
        "CWE-22",
        "path",
        _HIGH,
        "A value from outside becomes part of a path",
        absent=(frozenset({"no:.."}), frozenset({"no:../"}), frozenset({"no:/"})),
    ),
    Rule(
        "xss",
        "CWE-79",
        "xss",
        _HIGH,
        "A value from outside becomes part of a page",
        impact="medium",
        absent=(frozenset({"no:<"}),),
    ),
    Rule(
        "open-redirect",
        "CWE-601",
        "redirect",
        _MEDIUM,
        "A value from outside decides where the browser goes",
        impact="medium",
        absent=(frozenset({"starts:/", "not://"}),),
    ),
    Rule("ssrf", "CWE-918", "ssrf", _HIGH, "A value from outside decides which host is asked"),
    Rule(
        "ldap-injection",
        "CWE-90",
        "ldap",
        _HIGH,
        "A value from outside becomes part of an LDAP filter",
        absent=(frozenset({"no:*", "no:("}), frozenset({"no:*", "no:)"})),
    ),
    Rule(
        "trust-boundary",
        "CWE-501",
        "session",
        _MEDIUM,
        "A value from outside is kept in the session unchecked",
        impact="medium",
    ),
    Rule(
        "header-injection",
        "CWE-113",
        "header",
        _LOW,
        "A value from outside becomes part of a header",
        impact="low",
        absent=(frozenset({"no:\n"}), frozenset({"no:\r"})),
    ),
    Rule(
        "log-injection",
        "CWE-117",
        "log",
        _LOW,
        "A value from outside becomes part of a line of the log",
        impact="low",
        absent=(frozenset({"no:\n"}),),
    ),
    Rule(
        "weak-random",
        "CWE-330",
        "random",
        _MEDIUM,
        "A secret is made by a generator that can be predicted; use the module secrets",
        likelihood="medium",
    ),
    Rule(
        "weak-hash",
        "CWE-328",
        "",
        _MEDIUM,
        "A broken hash function; use SHA-256, or usedforsecurity=False where nothing depends on it",
        likelihood="medium",
        impact="medium",
    ),
    Rule("weak-cipher", "CWE-327", "", _HIGH, "A broken cipher or mode; use AES-GCM", likelihood="medium"),
    Rule(
        "insecure-cookie",
        "CWE-614",
        "",
        _MEDIUM,
        "A cookie without Secure is sent in the clear too",
        likelihood="medium",
        impact="medium",
    ),
    Rule(
        "cookie-without-httponly",
        "CWE-1004",
        "",
        _LOW,
        "A cookie without HttpOnly can be read by scripts",
        likelihood="medium",
        impact="medium",
    ),
    Rule(
        "cookie-without-samesite",
        "CWE-1275",
        "",
        _LOW,
        "A cookie with SameSite=None is sent with requests of other sites",
        likelihood="medium",
        impact="low",
    ),
    Rule(
        "tls-verification-off",
        "CWE-295",
        "",
        _HIGH,
        "The certificate of the other side is not checked",
        likelihood="medium",
    ),
)


def _named(rule: Rule) -> Rule:
    return Rule(
        f"dataflow-{rule.id}",
        rule.cwe,
        rule.harm,
        rule.severity,
        rule.message,
        rule.likelihood,
        rule.impact,
        rule.absent,
    )


RULES = {one.id: one for one in map(_named, _RULES)}
