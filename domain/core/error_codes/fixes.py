"""Errors of rule pages and suggested fixes."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

ALL = (
    ErrorCode(
        "SLW890",
        "no such rule, page or finding",
        "It is neither a rule nor a page of docs/rules, and no finding of the last scan here has such a fingerprint.",
        "Use one of the names in the message, or repeat `sluiceway scan`.",
    ),
    ErrorCode(
        "SLW891",
        "a file cannot be fixed",
        "It changed after the scan, is no regular file inside of the scanned folder, or cannot be written.",
        "Repeat `sluiceway scan --fix`.",
    ),
    ErrorCode(
        "SLW892",
        "several findings begin with these digits",
        "Reports show the first eight digits of a fingerprint; fewer may fit more than one finding.",
        "Give more of its digits; the JSON report has all of them.",
    ),
)
