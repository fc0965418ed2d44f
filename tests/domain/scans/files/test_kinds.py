"""What a file is shows in its bytes; its name, its case and what stands in front of them hide nothing."""

import gzip
import io
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files.classes import class_of
from domain.scans.files.kinds import TAIL_BYTES, archive_format, encoding_of, kind_of, read_as_text
from domain.scans.files.languages import canonical, language_of
from domain.scans.files.model import READABLE, FileKind
from domain.scans.files.view_names import OWN, name_of
from domain.scans.findings.model import FileClass

TEXT = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), min_size=20, max_size=200)
PATHS = st.text(min_size=1, max_size=60).filter(lambda path: "\0" not in path)


def kind(path: str, data: bytes) -> FileKind:
    return kind_of(path, data[:TAIL_BYTES], data[-TAIL_BYTES:], len(data))[0]


def zipped(name: str = "a.py", data: bytes = b"x = 1\n", comment: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr(name, data)
        opened.comment = comment
    return made.getvalue()


def tarred(form: int = tarfile.USTAR_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as opened:
        info = tarfile.TarInfo("a.py")
        info.size = 6
        opened.addfile(info, io.BytesIO(b"x = 1\n"))
    return made.getvalue()


@pytest.mark.parametrize(
    ("path", "data", "wanted"),
    [
        ("a.py", b"x = 1\n", FileKind.CODE),
        ("a.PY", b"x = 1\n", FileKind.CODE),
        ("tool", b"#!/usr/bin/env -S uv run python3\nx\n", FileKind.CODE),
        ("tool", b"\xef\xbb\xbf#!/bin/sh\n", FileKind.CODE),
        ("tool", b"#!/opt/unheard-of\n", FileKind.CODE),
        ("a.ts", (b"\x47" + b"\0" * 187) * 4, FileKind.BINARY),
        ("notes", b"only words\n", FileKind.TEXT),
        ("notes", "Wörter".encode("latin-1") * 10, FileKind.TEXT),
        ("notes", "password = x\n".encode("utf-16"), FileKind.TEXT),
        ("notes", "password = x\n".encode("utf-16-le") * 3, FileKind.TEXT),
        ("notes", b"\x01key = value and some more words\n", FileKind.TEXT),
        ("x.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 90, FileKind.IMAGE),
        ("x.png", b"not an image at all\n", FileKind.TEXT),
        ("x", bytes(range(256)) * 4, FileKind.BINARY),
        ("x.ipynb", b"{}", FileKind.NOTEBOOK),
        ("x.json", b'{"cells": [], "metadata": {}, "nbformat": 4}', FileKind.NOTEBOOK),
        (".py", b"x = 1\n", FileKind.CODE),
        ("a.py ", b"x = 1\n", FileKind.CODE),
        ("x.vue", b"<script>", FileKind.TEMPLATE),
        ("x.py", b"", FileKind.EMPTY),
        ("x.py", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", FileKind.LFS_POINTER),
    ],
)
def test_a_file_is_what_its_bytes_say(path, data, wanted):
    assert kind(path, data) is wanted


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (zipped(), "zip"),
        (b"#!/usr/bin/env python3\n" + zipped(), "zip"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 9_000 + zipped(comment=b"x" * 60_000), "zip"),
        (tarred(), "tar"),
        (tarred(form=tarfile.GNU_FORMAT), "tar"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (b"7z\xbc\xaf\x27\x1c..", "7z"),
        (b"Rar!\x1a\x07..", "rar"),
    ],
)
def test_an_archive_is_one_whatever_its_name_and_whatever_stands_before_it(data, wanted):
    assert archive_format(data[:TAIL_BYTES], data[-TAIL_BYTES:]) == wanted
    assert kind("holiday.jpg", data) is FileKind.ARCHIVE


@given(PATHS, st.binary(max_size=2_000))
def test_any_bytes_under_any_name_are_something(path, data):
    assert (kind(path, data) is FileKind.EMPTY) == (not data)


@given(TEXT, st.binary(max_size=4), st.integers(0, 200))
def test_a_few_control_bytes_turn_no_text_into_something_nobody_reads(text, bad, at):
    data = text.encode()
    assert kind("notes", data[:at] + bad + data[at:]) in READABLE


@given(TEXT, st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32"]))
def test_text_is_text_in_wide_encodings(text, encoding):
    data = text.encode(encoding)

    assert kind("notes", data) in READABLE
    assert encoding == "utf-32" or data.decode(encoding_of(data)).lstrip("\ufeff") == text


@given(st.sampled_from(["py", "pyw", "py3", "js", "mts", "cts", "tsx", "go"]), st.data())
def test_the_case_of_a_suffix_says_nothing(suffix, data):
    cased = "".join(data.draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in suffix)

    assert language_of(f"x.{cased}", b"") == language_of(f"x.{suffix}", b"") != ""
    assert canonical(f"x.{cased}", language_of(f"x.{cased}", b""))


@given(PATHS, st.sampled_from(["", ".py", ".js"]), st.text(max_size=20))
def test_no_name_in_the_view_is_an_option_a_pattern_or_leads_out(path, suffix, within):
    name = name_of(path, suffix, within)

    assert name.isascii()
    assert name.isprintable()
    assert not set(name) & set("*?[]{}!,: \\")
    assert all(part and not part.startswith(("-", ".")) for part in name.split("/"))
    assert name.endswith(suffix)
    assert name == path or name.startswith(f"{OWN}/")


@given(PATHS, PATHS)
def test_two_files_have_two_names_in_the_view(one, other):
    assert (name_of(one, ".py") == name_of(other, ".py")) == (one == other)


@pytest.mark.parametrize(
    ("path", "head", "wanted"),
    [
        ("app/views.py", b"import os\n", FileClass.OWN),
        ("tests/test_views.py", b"", FileClass.TEST),
        ("web/app.spec.ts", b"", FileClass.TEST),
        ("pkg/db_test.go", b"", FileClass.TEST),
        ("contest/latest.py", b"", FileClass.OWN),
        ("vendor/lib/a.go", b"", FileClass.VENDORED),
        ("web/node_modules/x/i.js", b"", FileClass.VENDORED),
        ("static/jquery.js", b"/*!\n * jQuery JavaScript Library v3.4.1\n", FileClass.CLAIMED),
        ("static/app.min.js", b"var a = 1;\n", FileClass.CLAIMED),
        ("src/external/a.py", b"", FileClass.OWN),
        ("static/app.js", b"var a=1;" * 400, FileClass.MINIFIED),
        ("api_pb2.py", b"", FileClass.CLAIMED),
        ("api.go", b"// Code generated by protoc-gen-go. DO NOT EDIT.\n", FileClass.CLAIMED),
        ("package-lock.json", b"{}", FileClass.GENERATED),
        ("dist/x.whl", b"PK", FileClass.VENDORED),
    ],
)
def test_the_class_of_a_file_is_who_would_have_to_change_it(path, head, wanted):
    assert class_of(path, head) is wanted


@given(PATHS, st.binary(max_size=500))
def test_every_file_has_a_class(path, head):
    assert class_of(path, head) in FileClass


@given(st.sampled_from(["BZh9", "LZIP", "hsqs", "xar!", "070701", "MSCF", "PK", "Rar!", "-lh5-", "# -lh5-"]), TEXT)
def test_text_that_begins_like_an_archive_is_text(start, text):
    assert kind("notes", f"{start} {text}".encode()) is FileKind.TEXT


@pytest.mark.parametrize("head", [b"GIF89a = 1\nimport os\n", b"RIFF = 'xxxxWEBP'\n", b"GIF87a = 1\n"])
def test_a_text_that_begins_like_an_image_is_a_text(head):
    assert kind_of("a.gif", head, head, len(head))[0] is not FileKind.IMAGE


def test_an_archive_that_can_be_read_is_a_text_too():
    assert read_as_text("page.html", b"<script>alert(1)</script>PK\5\6" + bytes(18))[0] is FileKind.TEMPLATE
    assert read_as_text("run", b"#!/usr/bin/env node\nx()\nPK\5\6" + bytes(18)) == (FileKind.CODE, "javascript")
    assert read_as_text("app.pyz", b"PK\3\4" + bytes(range(256)) * 30)[0] is FileKind.BINARY


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"<!DOCTYPE html>\n<p>", True),
        (b"\xef\xbb\xbf \n<!-- a --><!-- b -->\n<HTML>", True),
        ("<!doctype html><p>".encode("utf-16"), True),
        (b'<?xml version="1.0"?><feed xmlns:h="http://www.w3.org/1999/xhtml">', True),
        (b'<x:svg xmlns:x="http://www.w3.org/2000/svg">', True),
        (b'<?xml version="1.0"?><project xmlns="http://maven.apache.org/POM/4.0.0">', False),
        (b"<p>words", True),
        (b"Words about <html>.", False),
        (b"<!-- " * 2_000, False),
    ],
)
def test_a_page_is_one_whatever_its_name(data, wanted):
    assert (kind("page", data) is FileKind.TEMPLATE) is wanted


def test_a_script_that_has_the_first_letters_of_a_film_is_a_script():
    line = b"G(); // " + b"-" * 179 + b"\n"

    assert kind("a.ts", line * 9) is FileKind.CODE


def test_prose_that_begins_with_a_tag_is_prose():
    assert kind("a.md", b"<h1 align='center'>A project</h1> of http://www.w3.org/2000/svg") is FileKind.TEXT
