"""The base score of a CVSS 3.0 or 3.1 vector, as section 7.1 of the specification of FIRST.org computes it."""

from __future__ import annotations

from domain.scans.findings.model import Severity

_ATTACK_VECTOR = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_PRIVILEGES = {"N": 0.85, "L": 0.62, "H": 0.27}
_PRIVILEGES_CHANGED = {"N": 0.85, "L": 0.68, "H": 0.5}
_INTERACTION = {"N": 0.85, "R": 0.62}
_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}


def base_score(vector: str) -> float:
    """`CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H` to 9.8.

    Raises:
        ValueError: it is no vector of version 3 with every base metric.
    """
    head, _, rest = vector.strip().rstrip("/").partition("/")
    if head not in ("CVSS:3.0", "CVSS:3.1"):
        raise ValueError(f"'{vector[:60]}' is no vector of CVSS 3")
    try:
        metrics = dict(part.split(":", 1) for part in rest.split("/"))
        changed = {"C": True, "U": False}[metrics["S"]]
        privileges = (_PRIVILEGES_CHANGED if changed else _PRIVILEGES)[metrics["PR"]]
        exploitability = (
            8.22 * _ATTACK_VECTOR[metrics["AV"]] * _COMPLEXITY[metrics["AC"]] * privileges * _INTERACTION[metrics["UI"]]
        )
        kept = 1.0
        for name in ("C", "I", "A"):
            kept *= 1 - _IMPACT[metrics[name]]
    except (KeyError, ValueError) as wrong:
        raise ValueError(f"'{vector[:60]}' lacks a base metric: {wrong}") from None
    lost = 1 - kept
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    return _roundup(min((1.08 if changed else 1.0) * (impact + exploitability), 10))


def severity(score: float) -> Severity:
    """The rating scale of section 5."""
    if score >= 9:
        return Severity.CRITICAL
    if score >= 7:
        return Severity.HIGH
    if score >= 4:
        return Severity.MEDIUM
    return Severity.LOW if score > 0 else Severity.INFO


def _roundup(value: float) -> float:
    """To the next tenth, on integers, as appendix A asks for."""
    scaled = round(value * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (scaled // 10_000 + 1) / 10
