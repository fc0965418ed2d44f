"""Where a value does harm, by family and driver; and what is weak whoever sets its arguments."""

import pytest

from domain.scans.dataflow.models.rules import RULES
from domain.scans.dataflow.models.sinks import METHODS, SINKS
from tests.domain.scans.dataflow.support import found, of_view, rules

SQL = [
    "import psycopg2\npsycopg2.connect('').cursor().execute('select ' + q)",
    "import pymysql\nwith pymysql.connect().cursor() as c:\n    c.executemany(f'select {q}', [])",
    "import MySQLdb\nc = MySQLdb.connect().cursor()\nc.execute('select %s' % q)",
    "import sqlalchemy\nsqlalchemy.text('select ' + q)",
    "from sqlalchemy import create_engine, text\ne = create_engine('')\nwith e.connect() as c:\n"
    "    c.execute(text(f'select {q}'))",
    "sqlite3.connect('').executescript(q)",
    "User.objects.raw('select ' + q)",
    "User.objects.extra(where=['a = ' + q])",
]


@pytest.mark.parametrize("body", SQL)
def test_sql_is_found_for_every_driver(body):
    assert set(of_view(body)) == {"sql-injection"}


def test_asynchronous_drivers_are_found_too() -> None:
    for call in (
        "await db.fetch('select ' + q)",
        "await db.fetchrow(f'select {q}')",
        "await db.execute('select ' + q)",
    ):
        text = f"""
from aiohttp import web
import asyncpg

async def f(request):
    q = request.query['q']
    db = await asyncpg.connect('')
    {call}
"""
        assert rules(views=text) == ["sql-injection"]


OTHERS = {
    "subprocess.getoutput('ls ' + q)": "command-injection",
    "import asyncio\nasyncio.create_subprocess_shell(q)": "command-injection",
    "exec(compile(q, 'a', 'exec'))": "code-injection",
    "__import__(q)": "code-injection",
    "import importlib\nimportlib.import_module(q)": "code-injection",
    "import marshal\nmarshal.loads(q)": "deserialization",
    "import shelve\nshelve.open(q)": "deserialization",
    "import jinja2\njinja2.Environment().from_string(q)": "template-injection",
    "import elementpath\nelementpath.select(None, f'//a[{q}]')": "xpath-injection",
    "import xml.etree.ElementTree as E\nE.parse('a').findall(f\"a[@b='{q}']\")": "xpath-injection",
    "import ldap\nldap.initialize('').search_s('dc=a', 2, f'(uid={q})')": "ldap-injection",
    "import shutil\nshutil.rmtree(q)": "path-traversal",
    "flask.send_file(q)": "path-traversal",
    "import pathlib\npathlib.Path(q).unlink()": "path-traversal",
    "request.files['f'].save('/srv/' + request.files['f'].filename)": "path-traversal",
    "import urllib.request\nurllib.request.urlopen(q)": "ssrf",
    "import httpx\nhttpx.AsyncClient().get(q)": "ssrf",
    "import markupsafe\nmarkupsafe.Markup(q)": "xss",
    "r = flask.Response()\nr.headers['X-A'] = q": "header-injection",
    "r = flask.Response()\nr.headers['Location'] = q": "open-redirect",
}


@pytest.mark.parametrize("body", OTHERS)
def test_other_sinks_are_found(body):
    assert OTHERS[body] in of_view(body)


WEAK = {
    "r.set_cookie('a', 'b')": ["insecure-cookie"],
    "r.set_cookie('a', 'b', secure=False, httponly=True)": ["insecure-cookie"],
    "r.set_cookie('a', 'b', secure=True)": ["cookie-without-httponly"],
    "r.set_cookie('a', 'b', secure=True, httponly=True)": [],
    "r.set_cookie('a', 'b', secure=True, httponly=True, samesite='None')": ["cookie-without-samesite"],
    "flags = {'secure': True, 'httponly': True}\nr.set_cookie('a', 'b', **flags)": [],
    "r.set_cookie('a', 'b', secure=FLAG, httponly=FLAG)": [],
    "hashlib.md5(b'a')": ["weak-hash"],
    "hashlib.md5(b'a', usedforsecurity=False)": [],
    "hashlib.new('sha1')": ["weak-hash"],
    "hashlib.new(NAME)": ["weak-hash"],
    "hashlib.new('sha512')": [],
    "hashed('md5')": ["weak-hash"],
    "hashed('sha256')": [],
    "token = str(random.random())": ["weak-random"],
    "flask.session['a'] = random.getrandbits(64)": ["weak-random"],
    "delay = random.random()": [],
    "token = secrets.token_hex()": [],
    "token = random.SystemRandom().random()": [],
    "from Crypto.Cipher import DES\nDES.new(b'', DES.MODE_CBC)": ["weak-cipher"],
    "from Crypto.Cipher import AES\nAES.new(b'', AES.MODE_ECB)": ["weak-cipher"],
    "from Crypto.Cipher import AES\nAES.new(b'', AES.MODE_GCM)": [],
    "import requests\nrequests.get('https://a.org/', verify=False)": ["tls-verification-off"],
    "import requests\ns = requests.Session()\ns.verify = False": ["tls-verification-off"],
    "import ssl\nc = ssl.create_default_context()\nc.check_hostname = False": ["tls-verification-off"],
    "import ssl\nssl._create_unverified_context()": ["tls-verification-off"],
}
BEFORE = """
import hashlib, random, secrets
FLAG = True
NAME = "md5"
r = flask.Response()

def hashed(how):
    return hashlib.new(how)
"""


@pytest.mark.parametrize("body", WEAK)
def test_what_is_weak_by_itself_is_found_where_it_stands(body):
    assert of_view(body, BEFORE) == WEAK[body]


def test_a_secret_that_can_be_guessed_is_reported_once_where_it_is_made() -> None:
    text = """
import random

def code():
    return str(random.randint(0, 9))

def first():
    token = code()

def second():
    password = code()
"""
    (one,) = found(app=text)

    assert (one.line, one.trace[-1].text) == (5, "used as token")


def test_every_sink_names_a_rule_and_a_condition_that_exist() -> None:
    from domain.scans.dataflow.checks import CONDITIONS

    for sink in (*SINKS.values(), *METHODS.values()):
        assert sink.rule in RULES
        assert not sink.check or sink.check in CONDITIONS


def test_a_program_that_starts_what_its_command_line_says_is_a_wrapper() -> None:
    head = "import subprocess, sys\n\ndef main():\n    "

    assert rules(app=f"{head}subprocess.call(sys.argv[1:])\n") == []
    assert rules(app=f"{head}subprocess.call(sys.argv[1:], shell=True)\n") == ["command-injection"]
    assert rules(app=f"{head}subprocess.call(' '.join(sys.argv[1:]), shell=True)\n") == ["command-injection"]


def test_an_expression_of_an_image_is_code() -> None:
    assert of_view("ImageMath.eval(q, a=1)", "from PIL import ImageMath") == ["code-injection"]
