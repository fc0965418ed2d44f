"""Data that this program itself interprets: code, pickles, XML, templates, archives, patterns."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_CODE = Weakness(
    key="code-injection",
    title="Code injection",
    cwe="CWE-95",
    impact=Level.HIGH,
    rules=(
        ("python-code-injection", Level.MEDIUM),
        ("python-code-injection-from-request", Level.HIGH),
        ("dataflow-code-injection", Level.HIGH),
        ("B102", Level.MEDIUM),
        ("B307", Level.MEDIUM),
    ),
    what="`eval`, `exec` or an import runs a text that the program did not write.",
    why="Whoever chooses the text runs any code with the rights of this program. Emptied `__builtins__` do "
    "not hold that.",
    fix="Parse it: `ast.literal_eval` for literals, `json.loads` for data, a table of functions for operations.",
    weak="""\
from flask import Flask, request

app = Flask(__name__)


@app.get("/total")
def total():
    return {"total": eval(request.args.get("terms", "0"))}
""",
    safe="""\
import ast

from flask import Flask, request

app = Flask(__name__)


@app.get("/total")
def total():
    return {"total": ast.literal_eval(request.args.get("terms", "0"))}
""",
)

_TEMPLATE = Weakness(
    key="template-injection",
    title="Server-side template injection",
    cwe="CWE-1336",
    impact=Level.HIGH,
    rules=(
        ("python-template-injection", Level.HIGH),
        ("dataflow-template-injection", Level.HIGH),
    ),
    what="A value becomes the text of a template instead of a value in it.",
    why="`{{ … }}` in the value reaches objects of the program, and through them any code.",
    fix="Write the template yourself, and pass the value to it.",
    weak="""\
from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    return render_template_string("Hello " + request.args.get("name", ""))
""",
    safe="""\
from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    return render_template_string("Hello {{ name }}", name=request.args.get("name", ""))
""",
)

_DESERIALISATION = Weakness(
    key="unsafe-deserialization",
    title="Unsafe deserialization",
    cwe="CWE-502",
    impact=Level.HIGH,
    rules=(
        ("python-unsafe-deserialization", Level.MEDIUM),
        ("python-deserialization-of-request", Level.HIGH),
        ("dataflow-deserialization", Level.HIGH),
        ("B301", Level.MEDIUM),
        ("B302", Level.MEDIUM),
        ("B506", Level.MEDIUM),
        ("B614", Level.LOW),
    ),
    what="`pickle`, `marshal`, `shelve` or YAML with an unsafe loader reads data that names code to run.",
    why="Whoever writes the data runs any code here while it is read, before a line of this program sees it.",
    fix="Use JSON or `yaml.safe_load`. Where a pickle is unavoidable, verify a signature of the bytes first.",
    weak="""\
import base64
import pickle

from flask import Flask, request

app = Flask(__name__)


@app.post("/basket")
def basket():
    return {"items": len(pickle.loads(base64.b64decode(request.form["basket"])))}
""",
    safe="""\
import json

from flask import Flask, request

app = Flask(__name__)


@app.post("/basket")
def basket():
    return {"items": len(json.loads(request.form["basket"]))}
""",
)

_UNSAFE_IMPORT = Weakness(
    key="format-that-runs-code",
    title="Import of an unsafe deserialization module",
    cwe="CWE-502",
    impact=Level.LOW,
    rules=(("B403", Level.LOW), ("B615", Level.LOW)),
    what="`pickle`, `dill` or `shelve` is imported. No loading of foreign data was seen.",
    why="It matters where foreign data is loaded; then another rule reports that too.",
    fix="Nothing, where only this program writes what it reads.",
    weak="""\
import pickle


def kept(what):
    return pickle.dumps(what)
""",
    safe="""\
import json


def kept(what):
    return json.dumps(what)
""",
)

_ENTITIES = Weakness(
    key="xml-external-entities",
    title="XML external entities (XXE)",
    cwe="CWE-611",
    impact=Level.HIGH,
    rules=(
        ("python-external-entities", Level.LOW),
        ("python-xml-entities-from-request", Level.HIGH),
        ("dataflow-xxe", Level.HIGH),
    ),
    what="The parser replaces entities by files and addresses that the document names.",
    why="A document reads files of this machine, or calls addresses that only this machine reaches.",
    fix="Leave `resolve_entities` off, or parse with `defusedxml`.",
    weak="""\
from flask import Flask, request
from lxml import etree

app = Flask(__name__)


@app.post("/order")
def order():
    parser = etree.XMLParser(resolve_entities=True)
    return {"root": etree.fromstring(request.data, parser).tag}
""",
    safe="""\
import defusedxml.ElementTree
from flask import Flask, request

app = Flask(__name__)


@app.post("/order")
def order():
    return {"root": defusedxml.ElementTree.fromstring(request.data).tag}
""",
)

_EXPANSION = Weakness(
    key="xml-of-strangers",
    title="XML entity expansion (billion laughs)",
    cwe="CWE-776",
    impact=Level.LOW,
    rules=tuple((f"B{number}", Level.LOW) for number in (313, 314, 315, 316, 317, 318, 319))
    + tuple((f"B{number}", Level.LOW) for number in (405, 406, 407, 408, 409)),
    what="A parser of the standard library reads XML. Current versions of expat limit the expansion of "
    "entities; older ones do not.",
    why="A small document with nested entities can take all memory of a machine with an old expat.",
    fix="Parse XML of strangers with `defusedxml`.",
    weak="""\
import xml.etree.ElementTree as ET


def names(text):
    return [node.tag for node in ET.fromstring(text)]
""",
    safe="""\
import defusedxml.ElementTree


def names(text):
    return [node.tag for node in defusedxml.ElementTree.fromstring(text)]
""",
)

_ARCHIVE = Weakness(
    key="archive-extracted-anywhere",
    title="Unsafe archive extraction (Zip Slip)",
    cwe="CWE-22",
    impact=Level.HIGH,
    rules=(("python-archive-extracted-anywhere", Level.LOW), ("B202", Level.LOW)),
    what="A tar archive is extracted with the names, links and permissions that it carries.",
    why="`../../.ssh/authorized_keys` in an archive overwrites files outside of the folder.",
    fix='Pass `filter="data"` (Python 3.12, and security releases of older versions).',
    weak="""\
import tarfile


def unpack(name):
    with tarfile.open(name) as archive:
        archive.extractall("/srv/plugins")
""",
    safe="""\
import tarfile


def unpack(name):
    with tarfile.open(name) as archive:
        archive.extractall("/srv/plugins", filter="data")
""",
)

_PATTERN = Weakness(
    key="regular-expression-injection",
    title="Regular expression injection (ReDoS)",
    cwe="CWE-1333",
    impact=Level.LOW,
    rules=(("python-regular-expression-from-request", Level.HIGH),),
    what="A value becomes a regular expression.",
    why="`(a+)+$` keeps a worker busy for as long as the text is.",
    fix="Escape it with `re.escape`, or use `in`.",
    weak="""\
import re

from flask import Flask, request

app = Flask(__name__)


@app.get("/search")
def search():
    return {"found": bool(re.search(request.args.get("what", ""), "a long text"))}
""",
    safe="""\
import re

from flask import Flask, request

app = Flask(__name__)


@app.get("/search")
def search():
    return {"found": bool(re.search(re.escape(request.args.get("what", "")), "a long text"))}
""",
)

INTERPRETED = (
    _CODE,
    _TEMPLATE,
    _DESERIALISATION,
    _ENTITIES,
    _ARCHIVE,
    _PATTERN,
    _EXPANSION,
    _UNSAFE_IMPORT,
)
