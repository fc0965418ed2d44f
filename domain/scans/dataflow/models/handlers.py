"""Functions that a framework calls with something from outside: by decorator, by class, by where they are named."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.scans.dataflow.models.model import LOCAL, QUEUE, REMOTE, words


@dataclass(frozen=True)
class Decorated:
    """Functions below one of these decorators, in a file that imports one of the packages."""

    decorators: frozenset[str]
    packages: frozenset[str]
    kind: str
    roots: frozenset[str] = frozenset()
    """Names of the object, which a file can also have from another one of the project: `@mcp.tool()`."""


@dataclass(frozen=True)
class Inherited:
    """Methods of classes that inherit from one of the library's."""

    bases: re.Pattern[str]
    """What its dotted name ends with."""
    methods: re.Pattern[str]
    kind: str
    own: frozenset[str] = frozenset()
    """Parameters that nobody outside sets."""


DECORATED = (
    Decorated(words("tool resource prompt"), words("mcp fastmcp"), REMOTE, words("mcp")),
    Decorated(words("on event"), words("socketio flask_socketio"), REMOTE, words("sio socketio")),
    Decorated(words("field mutation subscription"), words("strawberry ariadne"), REMOTE, words("strawberry")),
    Decorated(words("command slash_command hybrid_command event listener"), words("discord nextcord disnake"), REMOTE),
    Decorated(words("command event message action shortcut view"), words("slack_bolt"), REMOTE),
    Decorated(words("filter simple_tag"), words("django"), QUEUE),
)
INHERITED = (
    Inherited(re.compile(r"(?:^|\.)(?:Base|Label|App)Command"), re.compile("handle|handle_label"), LOCAL),
    Inherited(re.compile(r"\w*Servicer"), re.compile("[A-Z].*"), REMOTE, words("context")),
    Inherited(re.compile(r"(?:^|\.)WebSocketHandler"), re.compile("on_message"), REMOTE),
    Inherited(re.compile(r"(?:^|\.)(?:Async)?(?:Json)?WebsocketConsumer"), re.compile("receive|receive_json"), REMOTE),
    Inherited(
        re.compile(r"(?:^|\.)\w*ViewSet"),
        re.compile("retrieve|update|partial_update|destroy"),
        REMOTE,
        words("request"),
    ),
    Inherited(re.compile(r"graphene\..*"), re.compile("resolve_.*|mutate|mutate_and_get_payload"), REMOTE),
    Inherited(
        re.compile(r"(?:^|\.)\w*Serializer"),
        re.compile("validate|validate_.*|create|update|to_internal_value"),
        REMOTE,
        words("instance"),
    ),
)
OWN = words("self cls root info ctx context interaction inter sid environ parent ack say respond client logger")
"""Parameters that frameworks fill themselves."""
OWN_TYPES = words("Context Info Interaction ApplicationContext ResolveInfo")

REGISTERING = {
    "add_url_rule": (2, "view_func"),
    "add_api_route": (1, "endpoint"),
    "add_api_websocket_route": (1, "endpoint"),
    **dict.fromkeys(("telegram.ext.CommandHandler", "telegram.ext.MessageHandler"), (1, "callback")),
    "gradio.Interface": (0, "fn"),
    "gradio.ChatInterface": (0, "fn"),
    "gradio.Button().click": (0, "fn"),
    "gradio.Textbox().submit": (0, "fn"),
    "gradio.Textbox().change": (0, "fn"),
}
"""Calls that make a function answer requests: its place among the arguments, and its name."""

ROUTING = {
    **dict.fromkeys(("django.urls.path", "django.urls.re_path", "django.conf.urls.url"), (1, "view")),
    **dict.fromkeys(("starlette.routing.Route", "starlette.routing.WebSocketRoute"), (1, "endpoint")),
    **{f"aiohttp.web.{verb}": (1, "handler") for verb in ("get", "post", "put", "patch", "delete", "view")},
    **{
        f"aiohttp.web.Application().router.add_{verb}": (1, "handler")
        for verb in ("get", "post", "put", "patch", "delete", "view")
    },
}
"""The same of functions that get the request first, and then only what the address names."""

VALIDATED = words("cleaned_data validated_data")
"""What a form or a serializer has of a request."""
CLEAN_FIELDS = words(
    "IntegerField FloatField DecimalField BooleanField NullBooleanField DateField DateTimeField TimeField"
    " DurationField UUIDField ChoiceField TypedChoiceField MultipleChoiceField GenericIPAddressField IPAddressField"
    " ModelChoiceField ModelMultipleChoiceField PrimaryKeyRelatedField"
)
"""Kinds of fields whose values do no harm as text."""
MADE_BY = {"form": "form_class", "serializer": "serializer_class"}
"""Parameters that are an instance of what an attribute of the class names."""

WSGI_OWN = (
    *("REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR", "REMOTE_PORT"),
    *("SCRIPT_NAME", "wsgi.url_scheme", "wsgi.version", "wsgi.errors", "wsgi.multithread"),
)
ASGI_OWN = ("type", "scheme", "method", "http_version", "server", "client", "asgi", "app", "root_path", "state")
"""What of an environment or a scope the server sets."""
