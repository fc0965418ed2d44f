"""Comments that ask a scanner to say nothing, as each tool reads them: its spelling, its case, its spaces.

Some tools read a marker anywhere on a line and do not care whether that is a comment; so does this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MAX_HITS = 10_000
_COMMENT = rb"(?:#|//|/\*|<!--|--|;|\*|%|\{#|\{\*)"
_SECURITY_RULES = (
    rb"security|no-eval|no-implied-eval|no-new-func|no-script-url|no-unsanitized|no-secrets|xss|detect-|no-danger"
    rb"|no-unsafe|sonarjs|no-dangerous|no-target-blank|lint/security"
)
_LINTERS = rb"(?:eslint|oxlint|tslint|standard)[-:]disable(?:[-:](?:next-)?line)?"


@dataclass(frozen=True)
class Marker:
    """What a tool looks for."""

    hint: bytes
    """A part of every such marker, in lower case: a file without it is not searched further."""
    pattern: re.Pattern[bytes]


def _marker(hint: bytes, pattern: bytes) -> Marker:
    return Marker(hint, re.compile(pattern, re.M))


MARKERS: dict[str, Marker] = {
    "nosec": _marker(b"nosec", rb"(?:#|//)(?:[ \t]*+#)?[ \t]*+nosec\b"),
    "nosemgrep": _marker(b"nosem", rb"(?i)(?<![\w-])nosem(?:grep)?(?![\w-])"),
    "trivy:ignore": _marker(b"trivy:ignore", rb"(?i)\btrivy:ignore\b"),
    "tfsec:ignore": _marker(b"tfsec:ignore", rb"(?i)\btfsec:ignore\b"),
    "cfsec:ignore": _marker(b"cfsec:ignore", rb"(?i)\bcfsec:ignore\b"),
    "checkov:skip": _marker(
        b"skip", rb"(?i)\b(?:checkov|bridgecrew|cortex)[ \t]*:[ \t]*skip[ \t]*=|\bcheckov\.io/skip\d*\b"
    ),
    "hadolint ignore": _marker(b"hadolint", rb"(?i)#[ \t]*hadolint[ \t]+(?:global[ \t]+)?ignore[ \t]*="),
    "kics-scan": _marker(b"kics-scan", rb"(?i)" + _COMMENT + rb"[ \t]*kics-scan[ \t]+(?:ignore|disable)"),
    "terrascan skip": _marker(b"skip", rb"(?i)#[ \t]*ts:skip[ \t]*=|\brunterrascan\.io/skip\b"),
    "regula:waive": _marker(b"regula:waive", rb"(?i)\bregula:waive\b"),
    "cfn_nag": _marker(b"rules_to_suppress", rb"\brules_to_suppress\b"),
    "kube-linter ignore": _marker(b"kube-linter.io", rb"\bignore-check\.kube-linter\.io/|\bkube-linter\.io/ignore"),
    "polaris exempt": _marker(b"exempt", rb"\bpolaris\.fairwinds\.com/[\w-]*exempt\b"),
    "zizmor: ignore": _marker(b"zizmor", rb"#[ \t]*zizmor:[ \t]*ignore\b"),
    "eslint-disable": _marker(
        b"disable",
        rb"(?://|/\*|<!--)[ \t]*"
        + _LINTERS
        + rb"(?:[ \t]*(?:\*/|--|-->|\r?$)|[^\n]{0,160}?(?:"
        + _SECURITY_RULES
        + rb"))",
    ),
    "biome-ignore": _marker(b"biome-ignore", rb"\bbiome-ignore(?:-\w+)?[ \t]+lint(?:/security|[ \t]*:)"),
    "deno-lint-ignore": _marker(
        b"deno-lint-ignore", rb"//[ \t]*deno-lint-ignore(?:-file[ \t]*\r?$|[^\n]{0,160}?no-(?:eval|unsafe))"
    ),
    "nolint": _marker(b"nolint", rb"//[ \t]*nolint(?:[ \t]*\r?$|[ \t]+//|:[^\n]{0,160}?\b(?:gosec|all|staticcheck)\b)"),
    "gosec:disable": _marker(b"gosec:disable", rb"//[ \t]*gosec:disable\b"),
    "noqa: S": _marker(
        b"noqa", rb"(?i)#[ \t]*(?:(?:ruff|flake8)[ \t]*:[ \t]*)?noqa[ \t]*:[ \t]*(?:[a-z]+\d+[, \t]+)*S\d"
    ),
    "file noqa": _marker(b"noqa", rb"(?i)#[ \t]*(?:ruff|flake8)[ \t]*[:=][ \t]*noqa[ \t]*(?:\r?$|#)"),
    "rubocop:disable Security": _marker(
        b"rubocop", rb"#[ \t]*rubocop[ \t]*:[ \t]*(?:disable|todo)\b[^\n]{0,160}?\b(?:Security/|all\b)"
    ),
    "phpcs:ignore": _marker(b"phpcs", rb"(?i)(?://|/\*|#)[ \t]*phpcs:(?:ignore|disable)[^\n]{0,160}?security"),
    "SuppressFBWarnings": _marker(
        b"@suppress", rb"@SuppressFBWarnings\b|@SuppressWarnings\([^\n]{0,200}?(?:findsecbugs|squid:S)"
    ),
    "NOSONAR": _marker(b"nosonar", rb"(?<![\w-])NOSONAR(?![\w-])"),
    "skipcq": _marker(b"skipcq", rb"(?i)" + _COMMENT + rb"[ \t]*skipcq\b"),
    "lgtm": _marker(b"lgtm", rb"(?i)" + _COMMENT + rb"[ \t]*lgtm[ \t]*(?:\[|\r?$)"),
    "codeql": _marker(b"codeql", rb"(?i)" + _COMMENT + rb"[ \t]*codeql[ \t]*\["),
    "deepcode ignore": _marker(b"deepcode ignore", rb"(?i)\b(?:file[ \t]+)?deepcode[ \t]+ignore\b"),
    "nohorus": _marker(b"nohorus", rb"(?i)" + _COMMENT + rb"[ \t]*nohorus\b"),
    "njsscan-ignore": _marker(b"-ignore", rb"\b(?:njsscan|mobsf)-ignore[ \t]*:"),
    "devskim: ignore": _marker(b"devskim", rb"(?i)\bdevskim:[ \t]*ignore\b"),
    "flawfinder: ignore": _marker(b": ignore", rb"(?i)\b(?:flawfinder|its4|rats):[ \t]*ignore\b"),
    "cppcheck-suppress": _marker(b"cppcheck-suppress", rb"(?://|/\*)[ \t]*cppcheck-suppress\b"),
    "coverity": _marker(b"coverity", rb"(?i)(?://|/\*)[ \t]*coverity[ \t]*\["),
    "gitleaks:allow": _marker(b":allow", rb"\b(?:gitleaks|betterleaks):allow\b"),
    "trufflehog:ignore": _marker(b"trufflehog:ignore", rb"(?i)\btrufflehog:ignore\b"),
    "ggignore": _marker(b"ggignore", rb"(?i)(?<![\w-])(?:ggignore|pragma:[ \t]*ggignore)(?![\w-])"),
    "pragma: allowlist secret": _marker(
        b"list", rb"(?i)\bpragma:[ \t]*(?:allow|white)list(?:[ -]next[ -]?line)?[ -]+secret"
    ),
}
"""Rule to marker. A pattern stays on its line."""
_PROSE = (".md", ".rst", ".adoc", ".markdown")
OF_SECRETS = frozenset({"gitleaks:allow", "trufflehog:ignore", "ggignore", "pragma: allowlist secret"})
"""Markers beside a secret: they are read in prose too, where secrets stand as well, and their line is never shown."""


def marked(data: bytes, name: str = "") -> list[tuple[int, str]]:
    """Line (from 1) and rule of each marker, in this order, at most MAX_HITS of a rule.

    `name`: in prose, markers of code are only spoken of.
    """
    lowered, prose = data.lower(), name.lower().endswith(_PROSE)
    found: set[tuple[int, str]] = set()
    for rule, one in MARKERS.items():
        if one.hint in lowered and (rule in OF_SECRETS or not prose):
            found.update((line, rule) for line in _lines(data, one.pattern))
    return sorted(found)


def _lines(data: bytes, pattern: re.Pattern[bytes]) -> Iterator[int]:
    line, at = 1, 0
    for hit in islice(pattern.finditer(data), MAX_HITS):
        line += data.count(b"\n", at, hit.start())
        at = hit.start()
        yield line
