"""What is reported: the rules, by the name that sinks use."""

from __future__ import annotations

from domain.scans.dataflow.models.model import Rule
from domain.scans.findings.model import Severity

NOT_FOLLOWED = "dataflow-not-followed"
"""Rule of a function that is too complex to be followed to its end."""
_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
_LITERAL = (frozenset({"starts:'", "ends:'", "no:'"}), frozenset({'starts:"', 'ends:"', 'no:"'}))
"""A text that was checked to be one literal in quotes."""
_QUOTES = (frozenset({"no:'"}), frozenset({'no:"', "no:'"}))

_RULES = (
    Rule("sql-injection", "CWE-89", "sql", _HIGH, "Untrusted data in an SQL query (SQL injection)"),
    Rule("command-injection", "CWE-78", "command", _HIGH, "Untrusted data in an OS command (command injection)"),
    Rule("code-injection", "CWE-94", "code", _HIGH, "Untrusted data is run as code (code injection)", absent=_LITERAL),
    Rule("deserialization", "CWE-502", "load", _HIGH, "Untrusted data is deserialized"),
    Rule("template-injection", "CWE-1336", "template", _HIGH, "Untrusted data is rendered as a template (SSTI)"),
    Rule("xxe", "CWE-611", "xxe", _HIGH, "Untrusted XML is parsed with external entities enabled (XXE)"),
    Rule(
        "xpath-injection",
        "CWE-643",
        "xpath",
        _HIGH,
        "Untrusted data in an XPath expression (XPath injection)",
        impact="medium",
        absent=_QUOTES,
    ),
    Rule(
        "path-traversal",
        "CWE-22",
        "path",
        _HIGH,
        "Untrusted data in a file path (path traversal)",
        absent=(frozenset({"no:.."}), frozenset({"no:../"}), frozenset({"no:/"})),
    ),
    Rule(
        "xss",
        "CWE-79",
        "xss",
        _HIGH,
        "Untrusted data in an HTML response without escaping (cross-site scripting)",
        impact="medium",
        absent=(frozenset({"no:<"}),),
    ),
    Rule(
        "open-redirect",
        "CWE-601",
        "redirect",
        _MEDIUM,
        "Redirect to a user-controlled URL (open redirect)",
        impact="medium",
        absent=(frozenset({"starts:/", "not://"}),),
    ),
    Rule("ssrf", "CWE-918", "ssrf", _HIGH, "User-controlled URL in a server-side request (SSRF)"),
    Rule(
        "ldap-injection",
        "CWE-90",
        "ldap",
        _HIGH,
        "Untrusted data in an LDAP filter (LDAP injection)",
        absent=(frozenset({"no:*", "no:("}), frozenset({"no:*", "no:)"})),
    ),
    Rule(
        "trust-boundary",
        "CWE-501",
        "session",
        _MEDIUM,
        "Untrusted data is stored in the session without validation (trust boundary violation)",
        impact="medium",
    ),
    Rule(
        "header-injection",
        "CWE-113",
        "header",
        _LOW,
        "Untrusted data in an HTTP response header (header injection)",
        impact="low",
        absent=(frozenset({"no:\n"}), frozenset({"no:\r"})),
    ),
    Rule(
        "log-injection",
        "CWE-117",
        "log",
        _LOW,
        "Untrusted data in a log entry (log injection)",
        impact="low",
        absent=(frozenset({"no:\n"}),),
    ),
    Rule(
        "weak-random",
        "CWE-330",
        "random",
        _MEDIUM,
        "Security-sensitive value from a predictable random number generator; use the secrets module",
        likelihood="medium",
    ),
    Rule(
        "weak-hash",
        "CWE-328",
        "",
        _MEDIUM,
        "Weak hash algorithm; use SHA-256, or pass usedforsecurity=False for non-security use",
        likelihood="medium",
        impact="medium",
    ),
    Rule("weak-cipher", "CWE-327", "", _HIGH, "Weak cipher or block mode; use AES-GCM", likelihood="medium"),
    Rule(
        "insecure-cookie",
        "CWE-614",
        "",
        _MEDIUM,
        "Cookie without the Secure attribute is also sent over plain HTTP",
        likelihood="medium",
        impact="medium",
    ),
    Rule(
        "cookie-without-httponly",
        "CWE-1004",
        "",
        _LOW,
        "Cookie without the HttpOnly attribute is readable by scripts",
        likelihood="medium",
        impact="medium",
    ),
    Rule(
        "cookie-without-samesite",
        "CWE-1275",
        "",
        _LOW,
        "Cookie with SameSite=None is sent with cross-site requests",
        likelihood="medium",
        impact="low",
    ),
    Rule(
        "tls-verification-off",
        "CWE-295",
        "",
        _HIGH,
        "TLS certificate verification is disabled",
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
