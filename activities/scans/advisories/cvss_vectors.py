"""Scores CVSS vectors with the `cvss` library; `base_score` is passed to the domain, which decides what it means."""

from __future__ import annotations

from cvss import CVSS2, CVSS3, CVSS4, CVSSError

from domain.scans.advisories import CvssVersion

_VECTORS = {CvssVersion.V2: CVSS2, CvssVersion.V3: CVSS3, CvssVersion.V4: CVSS4}


def base_score(version: CvssVersion, vector: str) -> float:
    """`CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H` to 9.8.

    Version 4 has one score, from all metrics of the vector; for other versions it is the base score.

    Raises:
        ValueError: not a vector of this version with all base metrics.
    """
    try:
        return float(_VECTORS[version](vector.strip().rstrip("/")).base_score)
    except CVSSError as wrong:
        raise ValueError(f"'{vector[:60]}' is not a CVSS vector of {version}: {wrong}") from wrong
