"""What library functions do to labels; a function that stands in no table hands them on."""

from __future__ import annotations

from domain.scans.dataflow.models.model import words
from domain.scans.dataflow.values import EVERYTHING


def _each(names: str, *harms: str) -> dict[str, frozenset[str]]:
    return dict.fromkeys(names.split(), frozenset(harms))


CLEANS = words(
    """int float bool len hash id ord complex abs round uuid.UUID decimal.Decimal datetime.date.fromisoformat
    datetime.datetime.fromisoformat datetime.datetime.strptime datetime.strptime time.strptime ipaddress.ip_address
    ipaddress.ip_network isinstance issubclass type callable hasattr hexdigest digest zlib.crc32 binascii.crc32
    fromtimestamp bcrypt.hashpw bcrypt.checkpw hmac.compare_digest secrets.compare_digest os.path.exists
    os.path.isfile os.path.isdir os.path.getsize uuid.uuid4 uuid.uuid1 time.time time.monotonic datetime.date.today
    datetime.datetime.now datetime.datetime.utcnow"""
)
"""Functions and methods whose results no stranger can write."""

CLEANERS = {
    **_each("html.escape cgi.escape xml.sax.saxutils.escape bleach.clean nh3.clean", "xss"),
    **_each("markupsafe.escape flask.escape jinja2.escape django.utils.html.escape", "xss"),
    **_each("django.utils.html.conditional_escape django.utils.html.format_html xml.sax.saxutils.quoteattr", "xss"),
    **_each("django.utils.html.strip_tags tornado.escape.xhtml_escape bottle.html_escape", "xss"),
    **_each("markupsafe.escape_silent django.utils.html.escapejs json.dumps", "xss"),
    **_each("shlex.quote pipes.quote", "command"),
    **_each("ldap.filter.escape_filter_chars ldap3.utils.conv.escape_filter_chars ldap.dn.escape_dn_chars", "ldap"),
    **_each("ldap3.utils.dn.escape_rdn ldap.filter.filter_format escape_filter_chars escape_dn_chars", "ldap"),
    **_each("werkzeug.utils.secure_filename werkzeug.secure_filename django.utils.text.get_valid_filename", "path"),
    **_each("secure_filename get_valid_filename django.utils._os.safe_join werkzeug.utils.safe_join", "path"),
    **_each("werkzeug.security.safe_join flask.safe_join", "path"),
    **_each("os.path.basename ntpath.basename posixpath.basename", "path"),
    **_each("os.path.realpath os.path.abspath os.path.normpath pathlib.Path().resolve resolve", "norm"),
    **_each(
        "urllib.parse.quote urllib.parse.quote_plus urllib.quote django.utils.http.urlquote", "xss", "header", "log"
    ),
    **_each("urllib.parse.urlencode urllib.urlencode", "xss", "header", "redirect", "ssrf", "log"),
    **_each("psycopg2.extensions.quote_ident psycopg2.sql.Identifier psycopg.sql.Identifier", "sql"),
    **_each("psycopg2.sql.Literal psycopg.sql.Literal pymysql.converters.escape_string", "sql"),
    **_each("re.escape", "regex"),
    **_each("repr ascii", "log", "header"),
    **_each("flask.url_for django.urls.reverse", EVERYTHING),
}
"""Functions that clean against some kinds of harm. `norm`: no `..` in the path; only a check of its start cleans it."""

VALIDATING = words(
    """float uuid.UUID decimal.Decimal datetime.date.fromisoformat datetime.datetime.fromisoformat
    datetime.datetime.strptime datetime.strptime ipaddress.ip_address ipaddress.ip_network"""
)
"""Those that raise for any other text: after them, the text itself is known to be harmless."""

RESETS = words(
    """urllib.parse.unquote urllib.parse.unquote_plus html.unescape base64.b64decode base64.urlsafe_b64decode
    base64.b32decode base64.b16decode base64.b85decode codecs.decode binascii.unhexlify bytes.fromhex
    urllib.parse.parse_qs urllib.parse.parse_qsl xml.sax.saxutils.unescape"""
)
"""Functions that undo what cleaners did."""

KEEPS = words(
    """io.BytesIO io.StringIO compile sqlalchemy.text str bytes bytes.fromhex encode decode strip lstrip rstrip lower
    upper title capitalize replace format join split partition rpartition removeprefix removesuffix quote escape
    escape_filter_chars isoformat total_seconds base64.b64decode base64.urlsafe_b64decode base64.b64encode
    base64.urlsafe_b64encode
    html.escape shlex.quote urllib.parse.quote urllib.parse.unquote binascii.unhexlify textwrap.dedent"""
)
"""Functions and methods whose result is made of what they get, and of nothing else."""

TERMINATORS = words(
    """flask.abort quart.abort werkzeug.exceptions.abort bottle.abort sys.exit exit quit os._exit os.abort
    sanic.exceptions.abort pytest.fail pytest.skip flask_restful.abort"""
)
"""Functions that do not return."""

OPAQUE = words(
    """flask.jsonify flask.render_template quart.render_template flask.render_template_string flask.make_response
    flask.redirect flask.send_from_directory flask.send_file flask.Response django.shortcuts.render
    django.http.JsonResponse django.http.HttpResponse django.shortcuts.redirect django.template.loader.render_to_string
    django.shortcuts.get_object_or_404 django.shortcuts.get_list_or_404 aiohttp.web.json_response aiohttp.web.Response
    print open io.open codecs.open sqlite3.connect os.system subprocess.run subprocess.call subprocess.check_output
    subprocess.check_call subprocess.Popen os.popen subprocess.getoutput eval exec flask.flash pickle.dumps
    hashlib.new hmac.new range os.listdir os.walk os.scandir os.stat yaml.safe_load tornado.web.HTTPError
    fastapi.HTTPException starlette.exceptions.HTTPException flask.url_for setattr"""
)
"""Functions whose results are something else than what they get."""
OPAQUE_PREFIXES = (
    *("hashlib.", "hmac.", "bcrypt.", "argon2.", "passlib.", "logging.", "requests.", "httpx.", "urllib.request."),
    *("aiohttp.ClientSession", "django.db.", "sqlalchemy.", "django.contrib.", "fastapi.responses.", "starlette."),
    *("cryptography.", "Crypto.", "nacl.", "jwt.", "socket.", "smtplib.", "boto3.", "redis.", "pymongo."),
    *("psycopg", "asyncpg.", "aiopg.", "aiomysql.", "pymysql.", "MySQLdb.", "ldap.initialize", "ldap3.Connection"),
    *("threading.", "unittest.", "pytest.", "structlog."),
)

HARMLESS_METHODS = frozenset(
    {"close", "seek", "tell", "exists", "is_file", "is_dir", "save", "delete", "write", "stat"}
)
"""Methods of a value from outside whose results are not part of it."""

TRACKED = words(
    """configparser.ConfigParser configparser.RawConfigParser configparser.SafeConfigParser re.compile
    xml.sax.make_parser xml.sax.expatreader.create_parser lxml.etree.XMLParser lxml.etree.HTMLParser
    lxml.etree.XMLPullParser queue.Queue queue.LifoQueue queue.SimpleQueue asyncio.Queue
    types.SimpleNamespace http.cookies.SimpleCookie ssl.create_default_context ssl.SSLContext
    jinja2.Environment ruamel.yaml.YAML functools.partial io.StringIO io.BytesIO"""
)
"""Library classes whose objects are followed: what is set on them matters later."""
