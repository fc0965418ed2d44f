"""Where values do harm. `SINKS` by dotted name; `METHODS` by the method's name on anything that is not the project's.

Position -1 is the object that the method is called on; -2 is every argument.
"""

from __future__ import annotations

from domain.scans.dataflow.models.model import Sink


def _each(names: str, sink: Sink) -> dict[str, Sink]:
    return dict.fromkeys(names.split(), sink)


_SQL = Sink("dataflow-sql-injection", (0,), ("sql", "query", "statement", "operation", "clause", "text"))
_COMMAND = Sink("dataflow-command-injection", (0,), ("args", "cmd", "command", "popenargs"), "argv")
_CODE = Sink("dataflow-code-injection", (0,), ("source",))
_LOAD = Sink("dataflow-deserialization", (0,), ("data", "file", "filename", "str", "string", "obj", "stream"))
_PATH = Sink("dataflow-path-traversal", (0,), ("file", "filename", "path", "name", "src"))
_TWO_PATHS = Sink("dataflow-path-traversal", (0, 1), ("src", "dst"))
_ON_PATH = Sink("dataflow-path-traversal", (-1,), (), "pathlib")
_HOST = Sink("dataflow-ssrf", (0,), ("url",))
_PAGE = Sink("dataflow-xss", (0,), ("content", "response", "body", "text", "s"), "html")
_TO = Sink("dataflow-open-redirect", (0,), ("location", "to", "url", "redirect_to"))
_LOG = Sink("dataflow-log-injection", (-2,), ())

SINKS: dict[str, Sink] = {
    # commands
    **_each("os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands.getoutput", _COMMAND),
    **_each("subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen", _COMMAND),
    **_each(
        "asyncio.create_subprocess_shell asyncio.subprocess.create_subprocess_shell popen2.popen2 pty.spawn", _COMMAND
    ),
    **_each("asyncio.create_subprocess_exec os.execl os.execle os.execlp os.execv os.execve os.execvp", _COMMAND),
    **_each("paramiko.SSHClient().exec_command fabric.Connection().run invoke.run", _COMMAND),
    **_each("os.spawnl os.spawnlp os.spawnv os.spawnvp", Sink("dataflow-command-injection", (1,), ("file",))),
    # code
    **_each("eval exec compile builtins.eval builtins.exec builtins.compile execfile", _CODE),
    **_each("PIL.ImageMath.eval PIL.ImageMath.unsafe_eval", Sink("dataflow-code-injection", (0,), ("expression",))),
    **_each("code.InteractiveInterpreter().runsource code.interact timeit.timeit timeit.repeat", _CODE),
    **_each("importlib.import_module __import__ runpy.run_path runpy.run_module importlib.__import__", _CODE),
    # objects
    **_each("pickle.loads pickle.load pickle.Unpickler cPickle.loads cPickle.load _pickle.loads _pickle.load", _LOAD),
    **_each("marshal.loads marshal.load shelve.open dill.loads dill.load cloudpickle.loads cloudpickle.load", _LOAD),
    **_each("jsonpickle.decode jsonpickle.loads joblib.load pandas.read_pickle torch.load yaml.unsafe_load", _LOAD),
    **_each("yaml.unsafe_load_all yaml.full_load yaml.full_load_all", _LOAD),
    **_each("yaml.load yaml.load_all", Sink("dataflow-deserialization", (0,), ("stream",), "yaml")),
    # templates
    **_each(
        "flask.render_template_string quart.render_template_string jinja2.Template mako.template.Template "
        "django.template.Template tornado.template.Template bottle.SimpleTemplate bottle.template "
        "jinja2.Environment().from_string jinja2.sandbox.Environment().from_string",
        Sink("dataflow-template-injection", (0,), ("source", "template", "template_string", "text")),
    ),
    # XML
    **_each(
        "lxml.etree.fromstring lxml.etree.parse lxml.etree.XML lxml.etree.fromstringlist lxml.etree.iterparse "
        "lxml.objectify.fromstring lxml.objectify.parse",
        Sink("dataflow-xxe", (0,), ("text", "source"), "lxml"),
    ),
    **_each(
        "xml.dom.minidom.parseString xml.dom.minidom.parse xml.dom.pulldom.parseString xml.dom.pulldom.parse",
        Sink("dataflow-xxe", (0,), ("string", "file", "stream_or_string"), "sax"),
    ),
    # XPath
    **_each(
        "elementpath.select elementpath.iter_select",
        Sink("dataflow-xpath-injection", (1,), ("path",)),
    ),
    **_each(
        "lxml.etree.XPath lxml.etree.ETXPath elementpath.Selector", Sink("dataflow-xpath-injection", (0,), ("path",))
    ),
    # files
    **_each("open io.open codecs.open builtins.open os.open aiofiles.open tarfile.open zipfile.ZipFile", _PATH),
    **_each("os.remove os.unlink os.rmdir os.mkdir os.makedirs os.removedirs os.listdir os.scandir os.chmod", _PATH),
    **_each("os.walk os.truncate shutil.rmtree numpy.load", _PATH),
    **_each("os.rename os.replace os.link os.symlink shutil.copy shutil.copyfile shutil.copy2 shutil.move", _TWO_PATHS),
    **_each("shutil.copytree shutil.copyfileobj", _TWO_PATHS),
    **_each(
        "flask.send_file quart.send_file", Sink("dataflow-path-traversal", (0,), ("path_or_file", "filename_or_fp"))
    ),
    **_each("fastapi.responses.FileResponse starlette.responses.FileResponse aiohttp.web.FileResponse", _PATH),
    **_each("django.http.FileResponse sanic.response.file sanic.file", _PATH),
    "PIL.Image.open": _PATH,
    "ldap3.Reader": Sink("dataflow-ldap-injection", (2, 3), ("base", "query"), "ldap"),
    # pages
    **_each("flask.make_response flask.Response quart.Response werkzeug.Response django.http.HttpResponse", _PAGE),
    **_each("werkzeug.wrappers.Response bottle.HTTPResponse pyramid.response.Response webob.Response", _PAGE),
    **_each("fastapi.responses.HTMLResponse starlette.responses.HTMLResponse sanic.response.html sanic.html", _PAGE),
    **_each(
        "django.http.HttpResponseBadRequest django.http.HttpResponseNotFound django.http.HttpResponseForbidden", _PAGE
    ),
    **_each("markupsafe.Markup flask.Markup jinja2.Markup jinja2.utils.markupsafe.Markup", _PAGE),
    **_each("django.utils.safestring.mark_safe django.utils.safestring.SafeString django.utils.html.mark_safe", _PAGE),
    **_each(
        "aiohttp.web.Response fastapi.Response fastapi.responses.Response starlette.responses.Response",
        Sink("dataflow-xss", (0,), ("body", "text", "content"), "declared-html"),
    ),
    "django.utils.html.format_html": Sink("dataflow-xss", (0,), ("format_string",), "html"),
    # redirects
    **_each("flask.redirect quart.redirect werkzeug.utils.redirect django.shortcuts.redirect bottle.redirect", _TO),
    **_each("django.http.HttpResponseRedirect django.http.HttpResponsePermanentRedirect sanic.response.redirect", _TO),
    **_each("fastapi.responses.RedirectResponse starlette.responses.RedirectResponse aiohttp.web.HTTPFound", _TO),
    **_each("aiohttp.web.HTTPSeeOther aiohttp.web.HTTPTemporaryRedirect aiohttp.web.HTTPMovedPermanently", _TO),
    **_each(
        "aiohttp.web.HTTPPermanentRedirect pyramid.httpexceptions.HTTPFound pyramid.httpexceptions.HTTPSeeOther", _TO
    ),
    **_each("sanic.redirect starlette.responses.redirect", _TO),
    # requests to other hosts
    **_each(
        "requests.get requests.post requests.put requests.patch requests.delete requests.head requests.options", _HOST
    ),
    **_each("httpx.get httpx.post httpx.put httpx.patch httpx.delete httpx.head httpx.options httpx.stream", _HOST),
    **_each(
        "urllib.request.urlopen urllib.request.Request urllib.request.urlretrieve urllib2.urlopen urllib.urlopen", _HOST
    ),
    **_each("requests.request httpx.request", Sink("dataflow-ssrf", (1,), ("url",))),
    **_each(
        " ".join(
            f"{client}.{verb}"
            for client in (
                *("requests.Session()", "requests.session()", "httpx.Client()", "httpx.AsyncClient()"),
                *("aiohttp.ClientSession()", "tornado.httpclient.AsyncHTTPClient()"),
            )
            for verb in ("get", "post", "put", "patch", "delete", "head", "options", "fetch")
        ),
        _HOST,
    ),
    **_each("http.client.HTTPConnection http.client.HTTPSConnection", Sink("dataflow-ssrf", (0,), ("host",))),
    # SQL
    **_each(
        "sqlalchemy.text sqlalchemy.sql.text sqlalchemy.sql.expression.text django.db.models.expressions.RawSQL", _SQL
    ),
    **_each("django.db.models.RawSQL sqlalchemy.sql.literal_column sqlalchemy.literal_column pandas.read_sql", _SQL),
    **_each("pandas.read_sql_query", _SQL),
    # logs
    **_each(
        " ".join(
            f"{logger}.{level}"
            for logger in ("logging", "logging.getLogger()", "flask.current_app.logger", "flask.Flask().logger")
            for level in ("debug", "info", "warning", "error", "critical", "exception")
        ),
        _LOG,
    ),
}

METHODS: dict[str, Sink] = {
    **_each("execute executemany executescript raw fetchval fetchrow execute_sql exec_driver_sql", _SQL),
    **_each("copy_expert mogrify", _SQL),
    **_each("extra", Sink("dataflow-sql-injection", (), ("where", "select", "tables", "order_by"))),
    "fetch": Sink("dataflow-sql-injection", (0,), ("query",), "database"),
    **_each("find findall findtext iterfind", Sink("dataflow-xpath-injection", (0,), ("path", "match"), "tree")),
    "xpath": Sink("dataflow-xpath-injection", (0,), ("_path", "path")),
    "exec_command": _COMMAND,
    "from_string": Sink("dataflow-template-injection", (0,), ("source",)),
    "search_s": Sink("dataflow-ldap-injection", (0, 2), ("base", "filterstr")),
    "search_ext_s": Sink("dataflow-ldap-injection", (0, 2), ("base", "filterstr")),
    "search_st": Sink("dataflow-ldap-injection", (0, 2), ("base", "filterstr")),
    "search_ext": Sink("dataflow-ldap-injection", (0, 2), ("base", "filterstr")),
    "paged_search": Sink("dataflow-ldap-injection", (0, 1), ("search_base", "search_filter"), "ldap"),
    "search": Sink("dataflow-ldap-injection", (0, 1), ("search_base", "search_filter"), "ldap"),
    **_each("read_text read_bytes write_text write_bytes unlink rmdir iterdir mkdir touch rename open", _ON_PATH),
    "save": Sink("dataflow-path-traversal", (0,), ("dst",), "upload"),
    "write": Sink("dataflow-xss", (0,), (), "tornado"),
    "redirect": Sink("dataflow-open-redirect", (0,), ("url",), "tornado"),
}
