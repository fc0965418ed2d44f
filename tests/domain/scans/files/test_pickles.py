"""A pickle that calls something is named; what data needs is not, and nothing is loaded."""

from __future__ import annotations

import datetime
import pickle
from collections import Counter, OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files import pickles
from domain.scans.files.pickles import looks_so, problem


class Weak:
    def __init__(self, call, *args):
        self.made = call, args

    def __reduce__(self):
        return self.made


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("call", [eval, exec, getattr, __import__, __import__("os").system])
def test_what_calls_something_is_named(call, protocol):
    data = pickle.dumps({"weights": [1.0], "x": Weak(call, "a")}, protocol)

    assert looks_so(data)
    assert call.__name__ in problem(data)
    assert problem(data + b"rubbish")


def test_it_is_found_in_an_array_and_behind_a_memo_and_before_a_broken_end():
    body = pickle.dumps(Weak(eval, "a"), 4)
    memo = b"\x80\x04\x8c\x08builtins\x94\x8c\x04eval\x94\x8c\x01x0h\x00h\x01\x93."

    assert problem(b"\x93NUMPY\x01\x00\x76\x00{}".ljust(128) + body)
    assert problem(memo)
    assert problem(body[:-1] + b"\xff")


@pytest.mark.parametrize("protocol", range(6))
def test_data_needs_nothing(protocol):
    data = [
        1,
        "os",
        {"a": {2}},
        datetime.date(2026, 1, 1),
        OrderedDict(a=1),
        Counter("aab"),
        b"x",
        complex(1),
        "system of",
    ]

    assert problem(pickle.dumps(data, protocol)) == ""


@pytest.mark.parametrize("protocol", range(6))
def test_one_behind_another_and_one_behind_very_much_is_found(protocol, monkeypatch):
    assert problem(pickle.dumps([1], protocol) + pickle.dumps(Weak(eval, "a"), protocol))

    monkeypatch.setattr(pickles, "MAX_OPERATIONS", 20)
    assert problem(pickle.dumps([[1] * 100, Weak(eval, "a")], protocol))
    assert not problem(pickle.dumps([[1] * 100, "prose of system"], protocol))


def test_prose_is_none():
    assert problem(b"Systems:\nmacos\nlinux\nbasics\nsystem\nThe end.") == ""


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data):
    problem(b"\x80\x04" + data)
    problem(data)
