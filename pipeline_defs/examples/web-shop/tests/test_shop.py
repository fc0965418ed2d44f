import json
import threading
from urllib.request import urlopen

import pytest
from shop.prices import total, with_tax
from shop.web import VERSION, answer, serve


@pytest.mark.parametrize(("cents", "expected"), [(100, 108), (2500, 2700), (1, 1), (6, 6), (7, 8)])
def test_tax_is_rounded_half_up(cents, expected):
    assert with_tax(cents) == expected


def test_a_basket_is_summed_before_tax():
    assert total({"lamp": 2, "chair": 1}) == 10692


def test_what_is_not_sold_has_no_price():
    with pytest.raises(KeyError):
        total({"boat": 1})


def test_an_unknown_page_is_not_found():
    assert answer("/nowhere")[0] == 404


def test_a_price_is_told_with_tax():
    assert answer("/price?item=lamp") == (200, {"item": "lamp", "cents": 2700})


def test_the_service_answers_with_its_version_over_http():
    server = serve(0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with urlopen(f"http://127.0.0.1:{server.server_address[1]}/") as response:
        body = json.load(response)
    server.shutdown()
    server.server_close()

    assert body == {"service": "web-shop", "version": VERSION}
