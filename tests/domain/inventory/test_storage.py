"""Who uses a claim, what is lost with it, and what nobody needs."""

from __future__ import annotations

from typing import Any

import pytest

from domain.inventory.model import ObjectRow
from domain.inventory.storage import fate_of, orphans_of, status_of, users_of


def _row(kind: str, name: str, status: str = "Bound", **details: Any) -> ObjectRow:
    return ObjectRow(
        cluster="c", kind=kind, namespace="shop", name=name, uid=f"u-{name}", status=status, details=details
    )


def test_a_claim_is_used_by_pods_that_have_not_ended():
    pods = [
        _row("Pod", "b", claims=["data"]),
        _row("Pod", "a", claims=["data"]),
        _row("Pod", "c", claims=["data"], phase="Failed"),
    ]
    assert users_of(pods) == {("c", "shop", "data"): ("a", "b")}


def test_what_happens_to_a_volume_is_told_by_its_reclaim_policy():
    assert fate_of(_row("PersistentVolume", "pv", reclaim="Delete")) == "its volume pv is deleted too"
    assert fate_of(_row("PersistentVolume", "pv", reclaim="Other")) == ""


@pytest.mark.parametrize(("driver", "can"), [("", False), ("hostPath", False), ("nfs", False), ("disk.example", True)])
def test_only_a_driver_of_csi_takes_snapshots(driver, can):
    claim = _row("PersistentVolumeClaim", "data")
    assert status_of(claim, _row("PersistentVolume", "pv", driver=driver), None, ()).can_snapshot is can


def test_orphans_are_volumes_without_claims_and_claims_without_pods_or_volumes():
    claims = [_row("PersistentVolumeClaim", name, asked_mb=1024) for name in ("used", "idle")]
    claims.append(_row("PersistentVolumeClaim", "lost", "Lost", asked_mb=2048))
    volumes = [
        _row("PersistentVolume", "v1", claim="used", claim_namespace="shop"),
        _row("PersistentVolume", "v2", "Released", claim="old", claim_namespace="shop", capacity_mb=4096),
        _row("PersistentVolume", "v3", claim="gone", claim_namespace="shop"),
        _row("PersistentVolume", "v4", "Available", claim="never", claim_namespace="shop"),
        _row("PersistentVolume", "v5", "Available"),
    ]
    found = orphans_of(claims, volumes, [_row("Pod", "p", "Running", claims=["used"])])
    assert [(one.name, one.why, one.size_gb) for one in found] == [
        ("v2", "its claim shop/old is gone", 4),
        ("v3", "its claim shop/gone is gone", 0),
        ("v4", "its claim shop/never does not exist", 0),
        ("shop/idle", "no pod uses it", 1),
        ("shop/lost", "its volume is gone", 2),
    ]
