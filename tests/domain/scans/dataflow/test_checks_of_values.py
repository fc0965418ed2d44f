"""What a check or a cleaner is good for: the harm that it prevents, on the way on which it holds, and no other."""

import pytest

from tests.domain.scans.dataflow.support import of_view

LISTED = {
    "not in": "if q not in NAMES:\n    return 'no'",
    "not in, raised": "if q not in NAMES:\n    raise ValueError",
    "not in, aborted": "if q not in ('a', 'b'):\n    flask.abort(400)",
    "not in keys": "if q not in TABLE.keys():\n    return 'no'",
    "assert": "assert q in NAMES",
    "equal": "if q != 'a':\n    return 'no'",
    "either": "if not (q == 'a' or q == 'b'):\n    return 'no'",
    "both": "if not q or q not in NAMES:\n    return 'no'",
    "digits": "if not q.isdigit():\n    return 'no'",
    "full match": "import re\nif not re.fullmatch(r'[a-z0-9_]{1,20}', q):\n    return 'no'",
    "anchored": "import re\nif re.match(r'^\\w+$', q) is None:\n    return 'no'",
    "compiled": "if not WORD.fullmatch(q):\n    return 'no'",
    "function": "if not good(q):\n    return 'no'",
    "function that returns a comparison": "if not listed(q):\n    return 'no'",
    "function that raises": "check(q)",
    "chosen": "q = q if q in NAMES else 'a'",
    "chosen by a branch": "if q in NAMES:\n    bar = q\nelse:\n    bar = 'a'\nq = bar",
    "kept": "ok = q in NAMES\nif not ok:\n    return 'no'",
    "characters": "if not all(c in 'abc' for c in q):\n    return 'no'",
    "substituted": "import re\nq = re.sub(r'[^\\w]', '', q)",
    "function that substitutes": "q = tidy(q)",
    "number": "try:\n    q = int(q)\nexcept ValueError:\n    return 'no'",
    "number that is thrown away": "try:\n    int(q)\nexcept ValueError:\n    return 'no'",
    "uuid": "import uuid\nuuid.UUID(q)",
    "enumeration": "try:\n    Colour(q)\nexcept ValueError:\n    return 'no'",
    "key of a table": "TABLE[q]",
    "index of a list": "LIST.index(q)",
    "set of characters": "if not set(q) <= set('abc'):\n    return 'no'",
    "subset": "if not set(q).issubset('abc'):\n    return 'no'",
    "characters that are kept": "q = ''.join(c for c in q if c in 'abc')",
    "match": "match q:\n    case 'a' | 'b':\n        pass\n    case _:\n        return 'no'",
}
BEFORE = """
import re
import enum
class Colour(enum.Enum):
    RED = "red"
NAMES = ("a", "b")
LIST = ["a", "b"]
TABLE = {"a": 1}
WORD = re.compile(r"[a-z]+")

def good(x):
    if x in NAMES:
        return True
    return False

def listed(x):
    return x in NAMES

def check(x):
    if x not in NAMES:
        raise ValueError(x)

def tidy(x):
    return re.sub(r"[^a-z]+", "", x)
"""


@pytest.mark.parametrize("how", LISTED)
def test_a_value_that_was_checked_against_a_list_or_a_pattern_does_no_harm(how):
    assert of_view(f"{LISTED[how]}\nos.system(f'ls {{q}}')", BEFORE) == []


USELESS = {
    "checked after use": "os.system(q)\nif q not in NAMES:\n    return 'no'",
    "no consequence": "if q not in NAMES:\n    pass\nos.system(q)",
    "the wrong way round": "if q in NAMES:\n    return 'no'\nos.system(q)",
    "another value": "p = request.args['p']\nif p not in NAMES:\n    return 'no'\nos.system(q)",
    "another part": "d = request.get_json()\nif d['a'] not in NAMES:\n    return 'no'\nos.system(d['b'])",
    "only sometimes": "if os.environ.get('A') and q not in NAMES:\n    return 'no'\nos.system(q)",
    "search": "import re\nif not re.search(r'[a-z]+', q):\n    return 'no'\nos.system(q)",
    "not anchored": "import re\nif not re.match(r'[a-z]+', q):\n    return 'no'\nos.system(q)",
    "any character": "import re\nif not re.fullmatch(r'[a-z].*', q):\n    return 'no'\nos.system(q)",
    "length": "if len(q) > 20:\n    return 'no'\nos.system(q)",
    "empty": "if not q:\n    return 'no'\nos.system(q)",
    "list of a stranger": "if q not in request.args.getlist('all'):\n    return 'no'\nos.system(q)",
    "start": "if not q.startswith('ls'):\n    return 'no'\nos.system(q)",
    "escaped for something else": "import html\nos.system(html.escape(q))",
    "cleaned copy": "import shlex\nshlex.quote(q)\nos.system(q)",
    "some are replaced": "os.system(q.replace(';', ''))",
    "swallowed": "try:\n    check(q)\nexcept ValueError:\n    pass\nos.system(q)",
    "changed afterwards": "if q not in NAMES:\n    return 'no'\nos.system(request.args['q'] + q)",
}


@pytest.mark.parametrize("how", USELESS)
def test_a_check_that_does_not_bind_the_value_helps_nothing(how):
    assert "command-injection" in of_view(USELESS[how], BEFORE)


CLEANED = [
    ("import shlex\nos.system('ls ' + shlex.quote(q))", []),
    ("subprocess.run(['ls', q])", []),
    ("subprocess.run(['sh', '-c', q])", ["command-injection"]),
    ("args = ['sh', '-c']\nargs.append(f'ls {q}')\nsubprocess.run(args)", ["command-injection"]),
    ("subprocess.run(q, shell=True)", ["command-injection"]),
    ("import html\nreturn f'<p>{html.escape(q)}'", []),
    ("import markupsafe\nreturn '<p>' + markupsafe.escape(q)", []),
    ("return '<p>' + q.replace('&', '&amp;').replace('<', '&lt;')", []),
    ("return '<p>' + q", ["xss"]),
    ("return {'a': q}", []),
    ("return flask.jsonify(a=q)", []),
    ("return flask.render_template('a.html', q=q)", []),
    ("return flask.render_template_string('{{ q }}', q=q)", []),
    ("return flask.render_template_string('<p>' + q)", ["template-injection"]),
    ("return flask.Response(q, mimetype='text/plain')", []),
    ("return flask.make_response('<p>' + q)", ["xss"]),
    ("import os.path\nreturn open(os.path.basename(q)).read()", []),
    ("from werkzeug.utils import secure_filename\nopen(secure_filename(q))", []),
    (
        "path = os.path.realpath(os.path.join('/srv', q))\nif not path.startswith('/srv/'):\n    return 'no'\nopen(path)",
        [],
    ),
    (
        "path = os.path.join('/srv', q)\nif not path.startswith('/srv/'):\n    return 'no'\nopen(path)",
        ["path-traversal"],
    ),
    (
        "import pathlib\np = (pathlib.Path('/srv') / q).resolve()\nif not p.is_relative_to('/srv'):\n    return 'no'\n"
        "p.read_text()",
        [],
    ),
    ("import pathlib\np = pathlib.Path('/srv') / q\np.read_text()", ["path-traversal"]),
    ("if '..' in q or q.startswith('/'):\n    return 'no'\nopen('/srv/' + q)", []),
    ("open('/srv/' + q)", ["path-traversal"]),
    (
        "p = os.path.realpath('/srv/' + q)\nif os.path.commonpath(['/srv', p]) != '/srv':\n    return 'no'\nopen(p)",
        [],
    ),
    ("import pathlib\np = pathlib.Path('/srv', q).resolve()\np.relative_to('/srv')\np.read_text()", []),
    ("import pathlib\np = pathlib.Path('/srv', q).relative_to('/srv')\np.read_text()", ["path-traversal"]),
    (
        "import pathlib\np = pathlib.Path('/srv', q).resolve()\nif pathlib.Path('/srv') not in p.parents:\n"
        "    return 'no'\np.read_text()",
        [],
    ),
    ("return '<p>' + q.translate(str.maketrans('', '', '<>'))", []),
    ("return '<p>' + q.translate({ord('<'): '&lt;'})", []),
    ("if any(c in q for c in '<>'):\n    return 'no'\nreturn '<p>' + q", []),
    ("return flask.Response(status=302, headers={'Location': q})", ["open-redirect"]),
    ("flask.session.update(a=q)", ["trust-boundary"]),
    ("return flask.send_from_directory('/srv', q)", []),
    ("return flask.redirect(q)", ["open-redirect"]),
    ("return flask.redirect('/items?q=' + q)", []),
    ("return flask.redirect(f'https://example.org/{q}')", []),
    ("return flask.redirect(f'https://example.org{q}')", ["open-redirect"]),
    ("return flask.redirect(flask.url_for('view', q=q))", []),
    (
        "from urllib.parse import urlparse\nu = urlparse(q)\nif u.netloc not in ('a.org',) or u.scheme != 'https':\n"
        "    return 'no'\nreturn flask.redirect(q)",
        [],
    ),
    (
        "from urllib.parse import urlparse\nif urlparse(q).scheme != 'https':\n    return 'no'\nreturn flask.redirect(q)",
        ["open-redirect"],
    ),
    ("if not q.startswith('/') or q.startswith('//'):\n    return 'no'\nreturn flask.redirect(q)", []),
    ("if not q.startswith('/'):\n    return 'no'\nreturn flask.redirect(q)", ["open-redirect"]),
    ("import requests\nrequests.get(q)", ["ssrf"]),
    ("import requests\nrequests.get('https://api.example.org/' + q)", []),
    ("import requests\nrequests.get('https://api.example.org/', params={'q': q})", []),
    ("import yaml\nyaml.load(q, Loader=yaml.SafeLoader)", []),
    ("import yaml\nyaml.safe_load(q)", []),
    ("import yaml\nyaml.load(q, Loader=yaml.Loader)", ["deserialization"]),
    ("import pickle, base64\npickle.loads(base64.urlsafe_b64decode(q))", ["deserialization"]),
    ("import json\njson.loads(q)", []),
    ("from lxml import etree\netree.fromstring(q, etree.XMLParser(resolve_entities=False))", []),
    ("from lxml import etree\netree.fromstring(q, etree.XMLParser(resolve_entities=True))", ["xxe"]),
    ("import defusedxml.ElementTree as E\nE.fromstring(q)", []),
    ("import xml.etree.ElementTree as E\nE.fromstring(q)", []),
    (
        "import xml.sax, xml.sax.handler, xml.dom.minidom as d\np = xml.sax.make_parser()\n"
        "p.setFeature(xml.sax.handler.feature_external_ges, True)\nd.parseString(q, p)",
        ["xxe"],
    ),
    (
        "import xml.sax, xml.sax.handler, xml.dom.minidom as d\np = xml.sax.make_parser()\n"
        "p.setFeature(xml.sax.handler.feature_external_ges, False)\nd.parseString(q, p)",
        [],
    ),
    ("from lxml import etree\netree.parse('a.xml').xpath(f\"//u[@n='{q}']\")", ["xpath-injection"]),
    ("from lxml import etree\netree.parse('a.xml').xpath('//u[@n=$n]', n=q)", []),
    ("from lxml import etree\nif \"'\" in q:\n    return 'no'\netree.parse('a.xml').xpath(f\"//u[@n='{q}']\")", []),
    ("import ldap3\nldap3.Connection('s').search('dc=a', f'(uid={q})')", ["ldap-injection"]),
    (
        "import ldap3\nfrom ldap3.utils.conv import escape_filter_chars as e\n"
        "ldap3.Connection('s').search('dc=a', f'(uid={e(q)})')",
        [],
    ),
    ("flask.session['a'] = q", ["trust-boundary"]),
    ("flask.session[q] = 'a'", ["trust-boundary"]),
    ("if q in NAMES:\n    flask.session['a'] = q", []),
    ("sqlite3.connect('x').execute('select ' + q)", ["sql-injection"]),
    ("sqlite3.connect('x').execute('select ?', (q,))", []),
    ("sqlite3.connect('x').execute('select %d' % int(q))", []),
    ("sqlite3.connect('x').execute(f'select {q:d}')", []),
    ("eval(q)", ["code-injection"]),
    ("import ast\nast.literal_eval(q)", []),
    (
        "if not q.startswith(\"'\") or not q.endswith(\"'\") or \"'\" in q[1:-1]:\n    return 'no'\nexec('print(' + q + ')')",
        [],
    ),
    ("import logging\nlogging.info('got ' + q)", ["log-injection"]),
    ("import logging\nlogging.info('got %r', 'x')", []),
]


@pytest.mark.parametrize(("body", "expected"), CLEANED, ids=[body[-60:] for body, _ in CLEANED])
def test_a_cleaner_is_good_against_its_own_harm(body, expected):
    assert of_view(body, BEFORE) == expected
