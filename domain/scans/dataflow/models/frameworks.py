"""Where values come in: web frameworks, message consumers, the command line. Names are dotted, `()` after calls."""

from __future__ import annotations

from domain.scans.dataflow.models.model import LOCAL, QUEUE, RANDOM, REMOTE, Origin

WEB = frozenset(
    {"flask", "quart", "django", "rest_framework", "fastapi", "starlette", "aiohttp", "tornado", "bottle", "sanic"}
    | {"pyramid", "werkzeug", "flask_restful", "flask_login", "litestar", "falcon", "webob", "cherrypy"}
)
"""Top-level packages of web frameworks."""
LIBRARIES = WEB | frozenset(
    str.split(
        "argparse asyncio base64 boto3 builtins celery click cloudpickle codecs configparser cryptography dill hashlib"
        " hmac html http httpx importlib io jinja2 joblib json jsonpickle kafka ldap ldap3 logging lxml mako markupsafe"
        " marshal ntpath os passlib pathlib pickle pika posixpath psycopg psycopg2 pymysql random re redis requests"
        " secrets shelve shlex shutil sqlalchemy sqlite3 ssl subprocess sys tarfile tempfile typer urllib uuid wtforms"
        " xml yaml zipfile MySQLdb Crypto Cryptodome aiohttp_session aiomysql aiopg asyncpg bcrypt bleach defusedxml"
        " elementpath flask_wtf nh3"
    )
)
"""What the models know, by its first name: no file of a project takes its place."""
PAGES = frozenset({"flask", "quart", "bottle", "cherrypy"})
"""Frameworks that show a returned text as a page."""

ALIASES = {
    **dict.fromkeys(
        [
            *("flask.request", "quart.request", "bottle.request", "cherrypy.request", "flask.Request", "quart.Request"),
            *("flask.globals.request", "django.http.HttpRequest", "django.http.request.HttpRequest"),
            *("django.core.handlers.wsgi.WSGIRequest", "rest_framework.request.Request", "fastapi.Request"),
            *("fastapi.requests.Request", "starlette.requests.Request", "starlette.websockets.WebSocket"),
            *("fastapi.WebSocket", "aiohttp.web.Request", "aiohttp.web_request.Request", "aiohttp.web.BaseRequest"),
            *("sanic.Request", "sanic.request.Request", "pyramid.request.Request", "werkzeug.Request"),
            *("werkzeug.wrappers.Request", "webob.Request", "bottle.Request", "fastapi.requests.HTTPConnection"),
            *("starlette.requests.HTTPConnection", "sanic.HTTPRequest", "litestar.Request"),
        ],
        "@request",
    ),
    "flask.session": "@session",
    "quart.session": "@session",
    "cherrypy.session": "@session",
    "aiohttp_session.get_session()": "@session",
    "aiohttp_session.new_session()": "@session",
}
"""Other names of the request and of the session."""

REQUEST_PARTS = frozenset(
    # Flask, Quart, Werkzeug
    {"args", "form", "values", "cookies", "headers", "json", "data", "files", "get_json", "get_data", "query_string"}
    | {"full_path", "stream", "view_args", "referrer", "user_agent", "authorization", "path"}
    # Django and Django REST
    | {
        "GET",
        "POST",
        "META",
        "COOKIES",
        "FILES",
        "body",
        "get_full_path",
        "query_params",
        "path_info",
        "get_signed_cookie",
    }
    # Starlette, FastAPI, aiohttp, Sanic
    | {"path_params", "query", "rel_url", "match_info", "post", "text", "read", "content", "multipart", "raw_args"}
    | {
        "get_args",
        "get_query_args",
        "body_exhaust",
        "recv",
        "get_param",
        "get_param_as_list",
        "get_media",
        "media",
        "bounded_stream",
        "receive_text",
        "receive_json",
        "receive_bytes",
        "raw_path",
    }
    # Pyramid, Bottle, Tornado, CherryPy
    | {"params", "matchdict", "json_body", "POST", "forms", "urlparams", "arguments", "query_arguments"}
    | {"body_arguments", "uri", "get_cookie", "get_header", "json_params", "text_body", "body_file"}
)
"""What of a request anybody can set. Its method, user and own address are not among it."""

CLEAN_PARTS = frozenset({"method", "user", "is_secure", "endpoint", "app", "scheme"})

OWN_PATHS = frozenset({"path", "full_path", "get_full_path", "path_info", "raw_path", "rel_url", "uri"})
OWN_HOST = frozenset({"redirect", "ssrf"})
"""What the path of a request cannot do: it stays at the host."""
HANDLERS = ("View", "Handler", "Resource", "HTTPEndpoint", "APIView", "ViewSet", "WebSocketConsumer")
"""Parts of the names of library classes whose methods answer requests."""
HANDLER_CALLS = frozenset(
    {"get_argument", "get_arguments", "get_query_argument", "get_query_arguments", "get_body_argument"}
    | {"get_body_arguments", "get_cookie", "path_kwargs", "path_args", "kwargs", "args"}
)
"""What such a class itself has of the request."""

ORIGINS = {
    "sys.argv": Origin(LOCAL, "a command-line argument"),
    "input()": Origin(LOCAL, "user input"),
    "sys.stdin": Origin(LOCAL, "standard input"),
    "argparse.ArgumentParser().parse_args()": Origin(LOCAL, "a command-line argument"),
    "argparse.ArgumentParser().parse_known_args()": Origin(LOCAL, "a command-line argument"),
    "optparse.OptionParser().parse_args()": Origin(LOCAL, "a command-line argument"),
    **{
        f"wtforms.{name}().data": Origin(REMOTE, f"a form field ({name})")
        for name in ("StringField", "TextAreaField", "HiddenField", "PasswordField", "SearchField", "FileField")
    },
    **{
        f"{maker}().{name}": Origin(REMOTE, f"{name} of an uploaded file")
        for maker in ("fastapi.UploadFile", "starlette.datastructures.UploadFile")
        for name in ("filename", "read", "content_type")
    },
    "uuid.uuid1()": Origin(RANDOM, "uuid.uuid1"),
    "click.prompt()": Origin(LOCAL, "user input"),
    **{
        f"http.server.{server}.{part}": Origin(REMOTE, f"the request's {part}")
        for server in ("BaseHTTPRequestHandler", "SimpleHTTPRequestHandler", "CGIHTTPRequestHandler")
        for part in ("path", "headers", "rfile", "requestline", "raw_requestline")
    },
    "socket.socket().accept()[].recv()": Origin(REMOTE, "what a client sends"),
    **{
        f"streamlit.{place}{part}": Origin(REMOTE, "what a user enters")
        for place in ("", "sidebar.")
        for part in ("text_input()", "text_area()", "chat_input()", "file_uploader()", "query_params")
    },
    "flask_restful.reqparse.RequestParser().parse_args()": Origin(REMOTE, "the request's arguments"),
    "kafka.KafkaConsumer()[]": Origin(QUEUE, "a queue message"),
    "aiokafka.AIOKafkaConsumer()[]": Origin(QUEUE, "a queue message"),
    "confluent_kafka.Consumer().poll()": Origin(QUEUE, "a queue message"),
    "redis.Redis().pubsub().listen()[]": Origin(QUEUE, "a queue message"),
    "redis.Redis().pubsub().get_message()": Origin(QUEUE, "a queue message"),
    "boto3.resource().Queue().receive_messages()[]": Origin(QUEUE, "a queue message"),
    "boto3.client().receive_message()": Origin(QUEUE, "a queue message"),
    "redis.Redis().blpop()": Origin(QUEUE, "a queue message"),
    "redis.Redis().brpop()": Origin(QUEUE, "a queue message"),
    "redis.StrictRedis().blpop()": Origin(QUEUE, "a queue message"),
    **{
        f"random.{name}()": Origin(RANDOM, f"random.{name}")
        for name in (
            *("random", "randint", "randrange", "choice", "choices", "sample", "getrandbits", "randbytes", "uniform"),
            *("normalvariate", "gauss", "triangular", "betavariate", "expovariate", "gammavariate", "lognormvariate"),
            *("vonmisesvariate", "paretovariate", "weibullvariate"),
        )
    },
    **{
        f"{maker}.{name}()": Origin(RANDOM, f"{maker}.{name}")
        for maker in ("random.Random()", "numpy.random", "numpy.random.RandomState()", "numpy.random.default_rng()")
        for name in (
            *("random", "randint", "randrange", "choice", "choices", "sample", "getrandbits", "randbytes", "uniform"),
            *("integers", "rand", "randn", "bytes", "random_sample", "normal", "permutation"),
        )
    },
}
"""Values from outside, by name; `random` counts only where a secret is made."""

ROUTES = frozenset(
    {"route", "get", "post", "put", "patch", "delete", "head", "options", "websocket", "api_route", "view", "add_route"}
    | {"before_request", "errorhandler", "expose", "websocket_route", "action", "api_view", "view_config", "endpoint"}
)
"""Decorators of functions that answer requests."""
TASKS = frozenset({"task", "shared_task", "periodic_task", "actor", "subscriber", "agent", "consumer", "job"})
"""Decorators of functions that get messages."""
COMMANDS = frozenset({"command", "group"})
"""Decorators of functions that get arguments of the command line."""
INJECTED = frozenset({"Depends", "Security"})
"""Defaults of parameters that a function of the project fills."""
REQUEST_NAMES = frozenset({"request", "req", "http_request", "websocket"})
"""Parameters that are the request."""
SOURCES = frozenset(
    {"request", "req", "websocket", "argv", "input", "parse_args", "parse_known_args", "get_argument", "stdin"}
    | {"get_query_argument", "get_body_argument", "get_arguments", "KafkaConsumer", "receive_message"}
    | {"receive_messages", "AIOKafkaConsumer", "Consumer", "pubsub", "blpop", "brpop", "get_cookie"}
    | {"Request", "HttpRequest", "WSGIRequest", "HTTPConnection", "WebSocket", "cleaned_data", "validated_data"}
    | {"text_input", "text_area", "chat_input", "file_uploader"}
)
"""Words of functions that may hand their callers something from outside."""
HASHERS = frozenset({"hashlib", "md5", "sha1"})
TOKENS = (
    SOURCES
    | HASHERS
    | frozenset(
        {
            "random",
            "uuid1",
            "data",
            "filename",
            "set_cookie",
            "set_signed_cookie",
            "MD5",
            "SHA1",
            "SHA",
            "MD4",
            "MD2",
            "DES",
            "DES3",
            "ARC4",
            "ARC2",
        }
        | {
            "Blowfish",
            "TripleDES",
            "MODE_ECB",
            "ECB",
            "algorithms",
            "verify",
            "_create_unverified_context",
            "CERT_NONE",
        }
        | {"check_hostname", "SSLContext", "create_default_context", "prompt", "listen", "get_message"}
        | {"add_url_rule", "add_api_route", "add_api_websocket_route", "gradio", "accept"}
    )
)
"""Words of functions in which something may start or matter by itself."""
RANDOM_TOKENS = frozenset(
    {"random", "choice", "choices", "randint", "randrange", "getrandbits", "randbytes", "sample", "uniform", "Random"}
)
"""The same, in modules that import random."""
