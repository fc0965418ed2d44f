"""The database from a registry: the same that was put there, or an error and the one of before."""

import io
import json
import tarfile

import pytest

from activities.scans.advisories import database, mirror
from activities.supply_chain.oci_registry import CONFIG, MANIFEST, Remote, described
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from tests.support.advisories import ADVISORY

METADATA = json.dumps({"Version": 2, "UpdatedAt": "2026-11-01T00:00:00Z"}).encode()


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/").replace("_json", ".json").replace("_db", ".db"))
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def put(reference: str, layer: bytes, media: str = mirror.LAYER) -> None:
    remote = Remote(reference)
    entries = [described(layer, media), described(b"{}", CONFIG)]
    for data, entry in zip((layer, b"{}"), entries, strict=True):
        remote.put_blob(data, entry)
    manifest: Object = {"schemaVersion": 2, "mediaType": MANIFEST, "config": entries[1], "layers": entries[:1]}
    remote.put_manifest(reference.rpartition(":")[2], manifest)


def test_what_was_put_there_is_what_is_used(registry, tmp_path):
    (tmp_path / "osv.json").write_text(json.dumps(ADVISORY))
    database.build([tmp_path / "osv.json"], tmp_path / "here", "2026-11-01T00:00:00Z")
    files = {name.replace(".", "_"): (tmp_path / "here" / "db" / name).read_bytes() for name in mirror.WANTED}
    put(f"{registry}/mirror/trivy-db:2", packed(**files))
    mirror.pull(f"{registry}/mirror/trivy-db:2", tmp_path / "there")

    here, there = database.info(tmp_path / "here"), database.info(tmp_path / "there")
    assert (there.sha256, there.updated_at) == (here.sha256, here.updated_at)


BAD = {
    "no archive": (b"text", mirror.LAYER),
    "an archive of something else": (packed(readme=b"x"), mirror.LAYER),
    "no metadata": (packed(trivy_db=b"x"), mirror.LAYER),
    "schema version": (packed(trivy_db=b"x", metadata_json=b'{"Version": 1}'), mirror.LAYER),
    "not JSON": (packed(trivy_db=b"x", metadata_json=b"[" * 5_000), mirror.LAYER),
    "an empty database": (packed(trivy_db=b"", metadata_json=METADATA), mirror.LAYER),
    "another kind of layer": (packed(trivy_db=b"x", metadata_json=METADATA), "application/vnd.oci.image.layer.v1.tar"),
    "cut off": (packed(trivy_db=bytes(100_000), metadata_json=METADATA)[:80], mirror.LAYER),
}


@pytest.mark.parametrize("what", BAD)
def test_anything_else_is_an_error_and_the_one_of_before_stays(registry, tmp_path, what):
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "trivy.db").write_bytes(b"before")
    reference = f"{registry}/bad/{what.replace(' ', '-').lower()}:2"
    put(reference, *BAD[what])
    with pytest.raises(SluicewayError, match="SLW857"):
        mirror.pull(reference, tmp_path)

    assert (tmp_path / "db" / "trivy.db").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["db"]


def test_an_archive_writes_nothing_but_the_two_files(registry, tmp_path):
    reference = f"{registry}/hostile/trivy-db:2"
    put(reference, packed(**{"..__..__evil": b"x", "trivy_db": b"x", "metadata_json": METADATA}))
    mirror.pull(reference, tmp_path / "cache")

    assert sorted(path.name for path in (tmp_path / "cache" / "db").iterdir()) == ["metadata.json", "trivy.db"]
    assert not list(tmp_path.rglob("evil"))


def test_a_name_that_nobody_has_is_an_error(registry, tmp_path):
    with pytest.raises(SluicewayError, match="SLW857"):
        mirror.pull(f"{registry}/none/trivy-db:2", tmp_path)
