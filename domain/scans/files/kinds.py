"""What a file is, by its first bytes, its last ones and its name. Accepts any bytes and any name."""

from __future__ import annotations

import codecs
import re

from domain.scans.files.languages import CANONICAL, by_shebang, language_of, suffix_of
from domain.scans.files.model import FileKind

TAIL_BYTES = 65_557
"""The end of a file in which the directory of a zip archive can begin: 22 bytes and the longest comment."""
LFS = b"version https://git-lfs.github.com/spec/v1"
_LFS_BYTES = 1_024
_TEMPLATES = frozenset(
    str.split(
        "html htm xhtml xht shtml shtm svg vue svelte astro jinja jinja2 j2 mako mak ejs hbs handlebars mustache njk"
        " liquid twig erb rhtml tpl tmpl cshtml vbhtml razor jspx jspf tag gsp asp aspx ascx pug jade haml slim mdx"
        " hta ftl vm eex leex heex blade marko riot cfm"
    )
)
_DOCUMENT = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|frameset)[\s>/]", re.I)
_SNIFFED = re.compile(rb"<(?:h1|div|font|table|a|style|title|b|br|p|img)[\s>/]", re.I)
"""How a page without a name for it may begin besides: source mimesniff.spec.whatwg.org."""
_XML = re.compile(rb"<\?xml\b|<!doctype\b|<[\w:]+\s[^<>]{0,500}xmlns", re.I)
_RUN_IN_XML = (b"www.w3.org/1999/xhtml", b"www.w3.org/2000/svg")
"""Name spaces whose scripts browsers run."""
_PAGES_IN_CODE = frozenset(str.split("php php3 php4 php5 phtml jsp"))
_ARCHIVES = frozenset(
    str.split("zip pyz pyzw whl egg jar war ear tar tgz gz bz2 tbz2 xz txz 7z rar zst deb rpm apk nupkg gem crate")
)
_PACKED_BY_NAME = {"br": "brotli", "asar": "asar", "sz": "snappy", "dmg": "dmg", "z": "compress", "zz": "zlib"}
"""Formats whose signature says nothing."""
_MAGIC = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"PK\x07\x08", "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (4, b"1AY&SY", "bzip2"),
    (4, b"\x17\x72\x45\x38\x50\x90", "bzip2"),  # of nothing
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x5d\x00\x00", "lzma"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"MSCF\x00\x00", "cab"),
    (0, b"!<arch>\n", "ar"),
    (0, b"\xed\xab\xee\xdb", "rpm"),
    (0, b"\x1f\x9d", "compress"),
    (0, b"LZIP\x01", "lzip"),
    (0, b"\x89LZO", "lzop"),
    (28, b"\x04\x00\x00\x00", "squashfs"),
    (0, b"xar!\x00", "xar"),
    (0, b"# v2 git bundle\n", "git bundle"),
    (0, b"# v3 git bundle\n", "git bundle"),
    (0x8001, b"CD001", "ISO 9660"),
)
_BEGINS = {"bzip2": b"BZh", "squashfs": b"hsqs"}
"""How a format begins whose signature proper stands further behind: letters alone could be a text."""
_CPIO = re.compile(rb"07070[12][0-9A-Fa-f]{104}")
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*", b"\x00\x00\x01\x00")
_LETTERED = (b"GIF87a", b"GIF89a", b"RIFF")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PRINTABLE = bytes((*range(0x20, 0x7F), 0x09, 0x0A, 0x0C, 0x0D, 0x1B))
_NO_CONTROLS = bytes((*_PRINTABLE, *range(0x7F, 0x100)))
_SAMPLE = 8_192
TEXT_SHARE = 0.75
"""The share of printable ASCII from which a file counts as text: some control bytes in it hide nothing."""
MAX_CONTROLS = 0.03
"""The share of control bytes below which it does in any other encoding; in compressed data they are a tenth."""


def kind_of(path: str, head: bytes, tail: bytes, size: int) -> tuple[FileKind, str]:
    """Kind and language of a regular file; of an archive its format.

    `head` is at least the first 8 KB of it, `tail` the last TAIL_BYTES; both are all of a small file.
    """
    if not size:
        return FileKind.EMPTY, ""
    if size <= _LFS_BYTES and head.startswith(LFS):
        return FileKind.LFS_POINTER, ""
    if format_ := archive_format(head, tail):
        return FileKind.ARCHIVE, format_
    if suffix_of(path) == "ipynb" or _is_notebook(head, tail):
        return FileKind.NOTEBOOK, ""
    if suffix_of(path) in _TEMPLATES:
        language = by_shebang(head)
        return FileKind.TEMPLATE, language if language in CANONICAL else ""
    if language := language_of(path, head):
        return FileKind.CODE, language
    if is_document(head, named="." in path.rpartition("/")[2]):
        return FileKind.TEMPLATE, ""
    if _is_image(head):
        return FileKind.IMAGE, ""
    if is_text(head):
        return FileKind.TEXT, ""
    packed = _PACKED_BY_NAME.get(suffix_of(path), "")
    return (FileKind.ARCHIVE if packed else FileKind.BINARY), packed


def is_document(head: bytes, named: bool = True) -> bool:
    """Whether a browser would take it for a page by how it begins, after comments. `named`: it has a suffix."""
    start = head[:_SAMPLE].removeprefix(codecs.BOM_UTF8)
    if encoding_of(head) != "utf-8":
        start = start.replace(b"\0", b"").lstrip(b"\xff\xfe")
    start = start.lstrip()
    while start.startswith(b"<!--"):
        start = start[4:].partition(b"-->")[2].lstrip()
    in_xml = _XML.match(start) and any(name in start for name in _RUN_IN_XML)
    return bool(in_xml or _DOCUMENT.match(start) or (not named and _SNIFFED.match(start)))


def has_page(path: str, kind: FileKind) -> bool:
    """Whether there can be scripts of a page in it."""
    return kind is FileKind.TEMPLATE or (kind is FileKind.CODE and suffix_of(path) in _PAGES_IN_CODE)


def read_as_text(path: str, head: bytes) -> tuple[FileKind, str]:
    """What an archive is besides, if somebody could also read it: a signature at its end hides no program before it."""
    if suffix_of(path) in _TEMPLATES:
        return FileKind.TEMPLATE, ""
    language, readable = language_of(path, head), is_text(head)
    if language and (readable or language != "python"):  # Python runs the archive behind a shebang, not the text
        return FileKind.CODE, language
    return (FileKind.TEXT if readable else FileKind.BINARY), ""


def _is_image(head: bytes) -> bool:
    """By its signature; letters alone could begin a text."""
    if head.startswith(_LETTERED) and is_text(head):
        return False
    return head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")


def claims_code(path: str) -> bool:
    """Whether the name says that there is something to read: for a file whose content is not here."""
    suffix = suffix_of(path)
    return bool(language_of(path, b"")) or suffix in _TEMPLATES or suffix in _ARCHIVES or suffix == "ipynb"


def archive_format(head: bytes, tail: bytes) -> str:
    """By signature alone: neither a name nor what stands before a zip archive hides one."""
    for at, magic, format_ in _MAGIC:
        if head[at : at + len(magic)] == magic and head.startswith(_BEGINS.get(format_, b"")):
            return format_
    if _CPIO.match(head):
        return "cpio"
    if _is_tar(head):
        return "tar"
    end = tail.rfind(b"PK\x05\x06")
    # the record names the length of the comment behind it, to the end of the file
    if (
        end >= 0
        and len(tail) - end >= 22
        and int.from_bytes(tail[end + 20 : end + 22], "little") <= len(tail) - end - 22
    ):
        return "zip"
    return ""


def _is_notebook(head: bytes, tail: bytes) -> bool:
    """Whatever its name: programs that run notebooks do not ask for one."""
    ends = head + tail
    return _is_object(head) and b'"nbformat"' in ends and b'"cells"' in ends


def can_be_notebook(data: bytes) -> bool:
    """Of all of a text: an object of JSON with the fields of a notebook, wherever and however they are written."""
    named = b'"nbformat"' in data and (b'"cells"' in data or b'"worksheets"' in data)
    return _is_object(data[:_SAMPLE]) and (named or b"\\u00" in data)


def _is_object(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def _is_tar(head: bytes) -> bool:
    """By the checksum of the first header, which the oldest format without a signature has too."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        told = int(head[148:156].strip(b" \x00") or b"x", 8)
    except ValueError:
        return False
    return told == sum(head[:148]) + 8 * 0x20 + sum(head[156:512])


def encoding_of(head: bytes) -> str:
    """utf-16, utf-16-le, utf-16-be, utf-32, or utf-8 for everything else: by byte order mark or zeros."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    sample = head[: _SAMPLE // 2 * 2]
    half = len(sample) // 2
    if half < 4:
        return "utf-8"
    for name, zeros, letters in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if zeros[:half].count(0) > 0.7 * half and _share(letters) > TEXT_SHARE:
            return name
    return "utf-8"


def is_text(head: bytes) -> bool:
    """Whether somebody could read it: wide encodings, mostly printable ASCII, or hardly a control byte."""
    sample = head[:_SAMPLE]
    if encoding_of(head) != "utf-8":
        return True
    controls = len(sample.translate(None, _NO_CONTROLS))
    return _share(sample) > TEXT_SHARE or controls < MAX_CONTROLS * len(sample)


def _share(sample: bytes) -> float:
    return 1 - len(sample.translate(None, _PRINTABLE)) / len(sample) if sample else 0.0
