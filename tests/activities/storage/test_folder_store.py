"""The store in a folder: what comes back is what was put there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError


@given(st.binary(max_size=500))
def test_what_is_stored_comes_back_and_the_same_bytes_are_one_object(tmp_path_factory, data):
    store = FolderStore(tmp_path_factory.mktemp("store"))

    assert store.get(store.put(data)) == data
    assert store.put(data) == store.put(data)


def test_a_changed_or_missing_object_is_never_returned(tmp_path):
    store = FolderStore(tmp_path)
    digest = store.put(b"evidence")
    store.path(digest).write_bytes(b"forged")

    with pytest.raises(SluicewayError, match="changed on disk"):
        store.get(digest)
    with pytest.raises(SluicewayError, match="not in the store"):
        store.get("0" * 64)
