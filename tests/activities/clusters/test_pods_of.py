"""Pods of a cluster are listed in pages, and not at all where they are too many to be summed."""

import json

import pytest

from activities.clusters.pods_of import AT_ONCE, MOST_PAGES, every
from domain.clusters import metadata
from domain.core.errors import SluicewayError


class Server:
    """Has so many pages of one pod each."""

    def __init__(self, pages: int) -> None:
        self.pages = pages

    def raw(self, path, query=None):
        assert (path, query["limit"]) == ("/api/v1/pods", str(AT_ONCE))
        page = int(query.get("continue", "0"))
        more = {"continue": str(page + 1)} if page + 1 < self.pages else {}
        return json.dumps({"metadata": more, "items": [{"metadata": {"name": f"p{page}"}}]})


@pytest.mark.parametrize("pages", [1, 2, MOST_PAGES])
def test_all_pages_are_read(pages):
    found = every(Server(pages))
    assert found is not None
    assert [metadata.name(one) for one in found] == [f"p{page}" for page in range(pages)]


def test_too_many_are_none():
    assert every(Server(MOST_PAGES + 1)) is None


def test_too_many_are_not_read_where_the_server_counts_them():
    class Counted(Server):
        def raw(self, path, query=None):
            assert "continue" not in query
            return json.dumps({"metadata": {"continue": "1", "remainingItemCount": 100 * AT_ONCE}, "items": []})

    assert every(Counted(1)) is None


@pytest.mark.parametrize("answer", ["", "[", None])
def test_what_may_not_be_listed_is_none(answer):
    class Closed(Server):
        def raw(self, path, query=None):
            if answer is None:
                raise SluicewayError("SLW943", "forbidden", status=403)
            return answer

    assert every(Closed(1)) is None
