"""Every store keeps the same promises: a folder, and a real S3-compatible server that may be full, slow, cut off or down."""

import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.storage.stores import registry, s3
from activities.storage.stores.folder import FolderStore
from activities.storage.stores.registry import open_store
from domain.core.errors import DefinitionError, SluicewayError
from tests.support.disk import small_disk
from tests.support.object_store import BUCKET, Proxy

MB = 1 << 20


@pytest.fixture
def proxy(object_store):
    made = Proxy(object_store.ports["s3"])
    yield made
    made.close()


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    server = request.getfixturevalue("object_store")
    return open_store(f"s3://{BUCKET}/{secrets.token_hex(4)}", tmp_path / "cache", server.endpoint)


@pytest.fixture
def away(proxy, tmp_path):
    """A store behind the proxy, and one beside it that shares its objects and not its cache."""
    prefix = f"s3://{BUCKET}/{secrets.token_hex(4)}"
    return (
        proxy,
        open_store(prefix, tmp_path / "cache", proxy.endpoint),
        open_store(prefix, tmp_path / "other", proxy.endpoint),
    )


def test_what_is_stored_comes_back_and_the_same_bytes_are_one_object(store, tmp_path):
    (tmp_path / "file").write_bytes(b"evidence")
    digest = store.put(b"evidence")

    assert store.put_file(tmp_path / "file") == digest
    assert (store.get(digest), store.local(digest).read_bytes(), store.has(digest)) == (b"evidence", b"evidence", True)
    assert [(one.digest, one.size_bytes) for one in store.objects()] == [(digest, 8)]
    assert abs(next(store.objects()).written_at - time.time()) < 60


def test_a_missing_object_is_an_error_with_its_code(store):
    assert not store.has("0" * 64)
    for read in (store.get, store.local):
        with pytest.raises(SluicewayError) as raised:
            read("0" * 64)
        assert raised.value.code == "SLW801"


def test_what_was_stored_again_since_is_not_deleted(store):
    digest = store.put(b"x")
    assert not store.delete(digest, older_than=time.time() - 60)
    assert store.get(digest) == b"x"
    assert store.delete(digest, older_than=time.time() + 60)
    assert not store.has(digest)
    assert store.delete(digest, older_than=time.time() + 60)


def test_a_big_object_goes_up_in_parts_and_comes_down_for_somebody_else(away, tmp_path):
    _, one, other = away
    big = tmp_path / "big"
    big.write_bytes(os.urandom(20 * MB))
    digest = one.put_file(big)

    assert other.local(digest).read_bytes() == big.read_bytes()


def test_a_download_goes_on_where_the_connection_was_lost(away, tmp_path):
    proxy, one, other = away
    big = tmp_path / "big"
    big.write_bytes(os.urandom(20 * MB))
    digest = one.put_file(big)
    proxy.passed, proxy.cut_after, proxy.fault = 0, 12 * MB, "cut"

    assert other.local(digest).read_bytes() == big.read_bytes()
    assert proxy.fault == ""
    assert proxy.passed < 32 * MB  # the first part was not fetched again


def test_an_object_that_was_changed_in_the_bucket_is_never_read(away, object_store, tmp_path):
    import obstore
    from obstore.store import S3Store as Bucket

    _, one, other = away
    digest = one.put(b"evidence of one test only")
    raw = Bucket(BUCKET, config={"endpoint": object_store.endpoint}, client_options={"allow_http": True})
    (path,) = [o["path"] for page in obstore.list(raw) for o in page if o["path"].replace("/", "").endswith(digest)]
    obstore.put(raw, path, b"forged!!")

    with pytest.raises(SluicewayError) as raised:
        other.get(digest)
    assert raised.value.code == "SLW802"


@pytest.mark.parametrize(("fault", "code"), [("down", "SLW804"), ("slow", "SLW804"), ("full", "SLW803")])
def test_a_store_that_cannot_take_an_object_says_why_and_keeps_nothing_half(away, monkeypatch, tmp_path, fault, code):
    proxy, place = away[0], f"s3://{BUCKET}/{secrets.token_hex(4)}"
    with monkeypatch.context() as patched:
        patched.setattr(registry, "REQUEST_TIMEOUT_S", 1 if fault == "slow" else registry.REQUEST_TIMEOUT_S)
        store = open_store(place, tmp_path / "new", proxy.endpoint)
    proxy.fault = fault
    with pytest.raises(SluicewayError) as raised:
        store.put(b"evidence" * MB)
    assert raised.value.code == code
    proxy.fault = ""
    patient = open_store(place, tmp_path / "again", proxy.endpoint)
    assert list(patient.objects()) == []
    assert patient.get(patient.put(b"evidence" * MB)) == b"evidence" * MB


def test_wrong_credentials_are_no_outage(object_store, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(SluicewayError) as raised:
        open_store(f"s3://{BUCKET}/x", tmp_path, object_store.endpoint).put(b"x")
    assert raised.value.code == "SLW805"


def test_a_full_disk_is_told_and_nothing_half_written_is_read(tmp_path):
    with small_disk(tmp_path / "disk", 1) as made:
        if not made:
            pytest.skip("a small disk of its own needs root")
        store = FolderStore(tmp_path / "disk" / "store")
        kept = store.put(b"kept")
        with pytest.raises(SluicewayError) as raised:
            store.put(os.urandom(2 * MB))
        assert raised.value.code == "SLW803"
        assert [one.digest for one in store.objects()] == [kept]
        assert not list(tmp_path.rglob("tmp*"))


def test_an_object_cut_short_by_a_crash_is_written_again(tmp_path):
    store = FolderStore(tmp_path)
    digest = store.put(b"evidence")
    store.path(digest).write_bytes(b"evid")
    store.put(b"evidence")

    assert store.get(digest) == b"evidence"


def test_an_address_of_no_known_kind_is_refused(tmp_path):
    with pytest.raises(DefinitionError, match="not the address of a store"):
        open_store("ftp://x/y", tmp_path)
    assert isinstance(open_store(f"file://{tmp_path}", tmp_path / "other"), FolderStore)


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(1, 50))
def test_a_download_has_the_same_bytes_however_it_is_cut(tmp_path_factory, data, have, part):
    """The loop over ranges, against a bucket in memory."""
    from obstore.store import MemoryStore

    folder = tmp_path_factory.mktemp("s")
    bucket = MemoryStore()
    writer = s3.S3Store(bucket, FolderStore(folder / "a"), folder / "pa")
    digest = writer.put(data)
    reader = s3.S3Store(bucket, FolderStore(folder / "b"), folder / "pb")
    (folder / "pb").mkdir()
    (folder / "pb" / digest).write_bytes(data[:have])
    before, s3.PART_BYTES = s3.PART_BYTES, part
    try:
        assert reader.get(digest) == data
    finally:
        s3.PART_BYTES = before


def test_many_who_want_the_same_object_at_once_all_get_it(away, tmp_path):
    """Jobs side by side use the same artifact: nobody writes into the download of another."""
    _, one, other = away
    (tmp_path / "big").write_bytes(os.urandom(20 * MB))
    digest = one.put_file(tmp_path / "big")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: other.get(digest) == (tmp_path / "big").read_bytes(), range(8)))
    assert all(found)
