"""Sinks with conditions, and weaknesses that need no value from outside: cookies, hashes, ciphers, certificates."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.scans.dataflow import clearing
from domain.scans.dataflow.builtin import substituted
from domain.scans.dataflow.guards import fixes_host, matches
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.models.model import RANDOM
from domain.scans.dataflow.models.weak import (
    ALGORITHMS,
    CIPHERS,
    HASHES,
    MODES,
    SECRET_NAMES,
    SHELLS,
    UNCHECKED,
    VERIFYING,
)
from domain.scans.dataflow.state import Obj, State
from domain.scans.dataflow.values import NONE, UNKNOWN, Const, Other, Ref, Tuple, Value, flat, is_known, scalars, united

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

Args = list[Value]
Named = dict[str, Value]
_SECRET = re.compile(SECRET_NAMES, re.IGNORECASE)
_EXTERNAL = "feature_external_ges"
_EXTERNAL_URI = "http://xml.org/sax/features/external-general-entities"


# -- conditions of sinks ---------------------------------------------------------------------------------------------


_COMMAND_LINE = "sys.argv[:]"
"""What was written behind the name of the program, as a list."""


def _argv(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    """Of a list of arguments, the program itself; or anything after a shell."""
    if isinstance(value, Other) and value.name == _COMMAND_LINE and not _is(named.get("shell"), True):
        return False  # a wrapper: who starts it says what it runs
    found = st.obj(value) if isinstance(value, Ref) else None
    items = value.items if isinstance(value, Tuple) else found.items if found else None
    if items is None or (found is not None and found.rest is not None):
        return True
    if not items or st.labels(items[0]):
        return True
    first = scalars(items[0]) or ()
    shell = any(isinstance(one, str) and one.rsplit("/", 1)[-1] in SHELLS for one in first)
    return shell or _is(named.get("shell"), True)


def _yaml(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    loader = named.get("Loader", args[1] if len(args) > 1 else UNKNOWN)
    return not (isinstance(loader, Other) and loader.name.rpartition(".")[2] in _SAFE_LOADERS)


_SAFE_LOADERS = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")


def _lxml(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    parser = named.get("parser", args[1] if len(args) > 1 else NONE)
    found = st.obj(parser) if isinstance(parser, Ref) else None
    if _is(named.get("resolve_entities"), False):
        return False
    if found is None:
        return not (isinstance(parser, Other) and parser.name.startswith("defusedxml"))
    internal = _text(found.entries.get("resolve_entities", UNKNOWN)) == "internal"
    return not internal and not _is(found.entries.get("resolve_entities"), False) and "HTMLParser" not in found.name


def _sax(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    parser = named.get("parser", args[1] if len(args) > 1 else NONE)
    found = st.obj(parser) if isinstance(parser, Ref) else None
    return found is not None and resolves(found)


def resolves(parser: Obj) -> bool:
    """The parser was told to load external entities."""
    return _is(parser.entries.get(("feature", "external")), True) or _is(parser.entries.get(("feature", "external")), 1)


def _ldap(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    return bool({"ldap", "ldap3"} & m.frame.module.imported) and not callee.name.startswith("re.")


def _html(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    kind = next((named[name] for name in ("mimetype", "content_type", "media_type") if name in named), None)
    known = scalars(kind) if kind is not None else None
    if known and not any("html" in str(one) for one in known):
        return False
    return isinstance(value, Other) and bool(value.taint) and not is_structured(value)


def _declared_html(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    kind = named.get("content_type", named.get("media_type"))
    known = scalars(kind) if kind is not None else None
    return bool(known) and any("html" in str(one) for one in known or ()) and isinstance(value, Other)


def _pathlib(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    return "pathlib." in callee.name or "Path()" in callee.name


def _upload(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    return callee.base is not None and bool(st.labels(callee.base)) and isinstance(value, Other)


def _tornado(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    page = "RequestHandler" in callee.name and not callee.name.startswith("socketserver.")
    return page and not is_structured(value)


def _tree(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    return any(one in callee.name for one in ("ElementTree", "etree", "objectify"))


def _database(m: Machine, callee: Other, value: Value, args: Args, named: Named, st: State) -> bool:
    return not callee.name.startswith(("requests", "httpx", "aiohttp", "tornado", "js"))


CONDITIONS: dict[str, Callable[..., bool]] = {
    "argv": _argv,
    "yaml": _yaml,
    "lxml": _lxml,
    "sax": _sax,
    "ldap": _ldap,
    "html": _html,
    "declared-html": _declared_html,
    "pathlib": _pathlib,
    "upload": _upload,
    "tornado": _tornado,
    "database": _database,
    "tree": _tree,
}


def _is(value: Value | None, wanted: bool | int) -> bool:
    return isinstance(value, Const) and type(value.value) is type(wanted) and value.value == wanted


def is_structured(value: Value) -> bool:
    """What a framework answers as JSON rather than as a page."""
    if isinstance(value, Other):
        return value.name.startswith(("@request.json", "@request.get_json", "@request.files"))
    return isinstance(value, Ref)


def host_is_fixed(value: Other) -> bool:
    """The text begins with a scheme and a host, with a path, or with something of our own."""
    return fixes_host(value.prefix) if value.prefix else value.lead


# -- objects of libraries ----------------------------------------------------------------------------------------------


def tracked(m: Machine, ref: Ref, found: Obj, name: str, args: Args, st: State, node: ast.AST) -> Value:
    """A method of a library's object that is followed."""
    if found.name == "re.compile()":
        pattern = found.entries.get(0, UNKNOWN)
        if name in ("match", "fullmatch", "search") and args:
            return matches(pattern, args[0], name, st, found.entries.get(1, found.entries.get("flags")))
        return substituted(pattern, args[0], args[1], st) if name == "sub" and len(args) > 1 else _of_all(args, st)
    if name == "setFeature" and len(args) == 2:
        feature = args[0]
        if (isinstance(feature, Other) and feature.name.endswith(_EXTERNAL)) or _text(feature) == _EXTERNAL_URI:
            st.heap[ref.oid] = found.changed(entries={**found.entries, ("feature", "external"): args[1]})
        return NONE
    if name == "parse" and "sax" in found.name and args and resolves(found):
        clearing.reached(m, "dataflow-xxe", args[0], st, node)
        return NONE
    if name in ("write", "writelines", "read_string", "read_file", "read_dict"):
        return _stored(ref, found, [Other(_of_all(args, st).taint, sure=all(map(is_known, args)))], st)
    if name in ("getvalue", "getbuffer", "read", "readline", "readlines") and found.name in _BUFFERS:
        return Other(st.labels(ref), sure=clearing.known(ref, st))
    if name in ("set", "put", "put_nowait"):
        return _stored(ref, found, args, st)
    unsafe = found.name == "ruamel.yaml.YAML()" and _text(found.entries.get("typ", UNKNOWN)) == "unsafe"
    if unsafe and name in ("load", "load_all") and args:
        m.harm("dataflow-deserialization", st.labels(args[0]), st, node)
    if name in ("get", "get_nowait", "getint", "getboolean", "getfloat"):
        return _fetched(found, name, args)
    return Other(united(*(st.labels(one) for one in args)), f"{found.name}.{name}()", base=ref)


_BUFFERS = ("io.StringIO()", "io.BytesIO()")


def _of_all(args: Args, st: State) -> Value:
    return Other(united(*(st.labels(one) for one in args)))


def _text(value: Value) -> str:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def _stored(ref: Ref, found: Obj, args: Args, st: State) -> Value:
    if len(args) == 3 and isinstance(args[0], Const) and isinstance(args[1], Const):
        pair = (args[0].value, args[1].value)
        st.heap[ref.oid] = found.changed(entries={**found.entries, pair: args[2]}, rest=found.rest)
    elif args:
        rest = args[-1] if found.rest is None else joined(found.rest, args[-1])
        st.heap[ref.oid] = found.changed(entries=found.entries, rest=rest)
    return NONE


def _fetched(found: Obj, name: str, args: Args) -> Value:
    if name.startswith("get") and name not in ("get", "get_nowait"):
        return Other()
    if len(args) >= 2 and isinstance(args[0], Const) and isinstance(args[1], Const):
        return found.entries.get((args[0].value, args[1].value), found.rest or UNKNOWN)
    values = [one for one in (*found.entries.values(), found.rest) if one is not None]
    return found.rest if found.rest is not None else Other(united(*map(flat, values)))


# -- weak by themselves ------------------------------------------------------------------------------------------


def called(
    m: Machine, name: str, last: str, callee: Other, args: Args, named: Named, st: State, node: ast.Call
) -> None:
    """Looks at a call of a library for what is weak whoever sets its arguments."""
    if last in ("set_cookie", "set_signed_cookie"):
        cookie(m, args, named, st, node)
    elif name in HASHES or name == "hashlib.new":
        _hash(m, name, args, named, node)
    elif name in CIPHERS or (name.endswith("AES.new") and any(_mode(one) for one in (*args[1:2], *named.values()))):
        m.hit("dataflow-weak-cipher", node)
    elif name in UNCHECKED:
        m.hit("dataflow-tls-verification-off", node)
    if _is(named.get("verify"), False) and name.startswith(VERIFYING):
        m.hit("dataflow-tls-verification-off", node)
    for key, value in named.items():
        if value.taint and _SECRET.search(key):
            random_secret(m, value, st, node, key)
    if name.startswith("@session.") and last in ("update", "setdefault", "set"):
        everything = united(*(st.labels(one) for one in (*args, *named.values())))
        m.harm("dataflow-trust-boundary", everything, st, node)
    if isinstance(headers := named.get("headers"), Ref) and (found := st.obj(headers)) is not None:
        for header, value in found.entries.items():
            if isinstance(header, str) and header.lower() == "location":
                _header(m, Const(header), value, st, node)
    if name == "hashlib.file_digest" and _text(args[1] if len(args) > 1 else UNKNOWN) in ALGORITHMS:
        m.hit("dataflow-weak-hash", node)
    if last in ("add_header", "set_header") and len(args) > 1 and callee.base is not None:
        _header(m, args[0], args[1], st, node)


def _mode(value: Value) -> bool:
    return isinstance(value, Other) and value.name.rpartition(".")[2] in MODES


def cookie(m: Machine, args: Args, named: Named, st: State, node: ast.AST) -> None:
    """The flags of a cookie; one that is deleted needs none."""
    if "**" in named or _is(named.get("max_age"), 0) or _is(named.get("expires"), 0):
        return
    secure = named.get("secure", args[6] if len(args) > 6 else Const(False))
    http_only = named.get("httponly", args[7] if len(args) > 7 else Const(False))
    same_site = named.get("samesite")
    if _is_falsy(secure):
        m.hit("dataflow-insecure-cookie", node)
    elif _is_falsy(http_only):
        m.hit("dataflow-cookie-without-httponly", node)
    elif _text(same_site or UNKNOWN).lower() == "none":
        m.hit("dataflow-cookie-without-samesite", node)
    for value in args[1:2]:
        random_secret(m, value, st, node, "a cookie")


def _is_falsy(value: Value) -> bool:
    found = scalars(value)
    return found is not None and any(not one for one in found)


def _hash(m: Machine, name: str, args: Args, named: Named, node: ast.AST) -> None:
    if _is(named.get("usedforsecurity"), False):
        return
    if name == "hashlib.new":
        names = scalars(named.get("name", args[0] if args else UNKNOWN)) or ()
        if not any(isinstance(one, str) and one.lower().replace("-", "") in ALGORITHMS for one in names):
            return
    m.hit("dataflow-weak-hash", node)


def random_secret(m: Machine, value: Value, st: State, node: ast.AST, what: str) -> None:
    """A value of a predictable generator becomes a secret."""
    taint = tuple(one for one in flat(value) if one.kind == RANDOM)
    if taint:
        m.predictable(taint, st, node, f"used as {what}")


def named(m: Machine, name: str, value: Value, st: State, node: ast.AST) -> None:
    """A value gets a name that says what it is for."""
    if flat(value) and _SECRET.search(name):
        random_secret(m, value, st, node, name)


def returned(m: Machine, value: Value, node: ast.AST, st: State) -> None:
    """The result of a function: a page, or a secret by the function's name."""
    func = m.frame.func
    if func is not None and flat(value) and _SECRET.search(func.name):
        random_secret(m, value, st, node, f"the return value of {func.name}")
    if m.frame.answers != "page":
        return
    first = value.items[0] if isinstance(value, Tuple) and value.items else value
    if isinstance(first, Other) and first.taint and not is_structured(first):
        m.harm("dataflow-xss", first.taint, st, node, lead=True)
    if not isinstance(first, Ref):
        m.seen("dataflow-xss", node, clear=clearing.known(first, st))


def field_set(m: Machine, base: Value, attr: str, value: Value, st: State, node: ast.AST) -> None:
    """`base.attr = value`."""
    named(m, attr, value, st, node)
    if attr == "check_hostname" and _is(value, False):
        m.hit("dataflow-tls-verification-off", node)
    if attr == "verify_mode" and isinstance(value, Other) and value.name.endswith("CERT_NONE"):
        m.hit("dataflow-tls-verification-off", node)
    if attr == "verify" and _is(value, False) and isinstance(base, Other) and base.name.startswith(VERIFYING):
        m.hit("dataflow-tls-verification-off", node)


def item_set(m: Machine, base: Value, key: Value, value: Value, st: State, node: ast.AST) -> None:
    """`base[key] = value`: the session, and headers."""
    if isinstance(key, Const) and isinstance(key.value, str):
        named(m, key.value, value, st, node)
    if not isinstance(base, Other):
        return
    if base.name == "@session":
        for one in (key, value):
            clearing.reached(m, "dataflow-trust-boundary", one, st, node)
        random_secret(m, value, st, node, "a part of the session")
    elif base.name.endswith("headers"):
        _header(m, key, value, st, node)


def _header(m: Machine, key: Value, value: Value, st: State, node: ast.AST) -> None:
    if _text(key).lower() == "location" and not (isinstance(value, Other) and host_is_fixed(value)):
        m.harm("dataflow-open-redirect", st.labels(value), st, node)
    else:
        m.harm("dataflow-header-injection", united(st.labels(key), st.labels(value)), st, node)
