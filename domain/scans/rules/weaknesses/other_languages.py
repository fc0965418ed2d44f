"""JavaScript, TypeScript and Go: the same weaknesses with samples of their own."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_JS_CODE = Weakness(
    key="javascript-code-injection",
    title="Code injection (JavaScript)",
    cwe="CWE-95",
    impact=Level.HIGH,
    rules=(("javascript-code-injection", Level.HIGH),),
    what="`eval`, `new Function`, `vm` or a timer runs a value of a request, of the page's address or of a message.",
    why=(
        "Whoever sends the request runs code on this server; the module `vm` does not hold it. In a browser a link is"
        " enough to run code as the one who follows it."
    ),
    fix="Parse it: `JSON.parse` for data, a table of functions for operations.",
    weak="app.get('/total', (req, res) => res.json({ total: eval(req.query.terms) }))\n",
    safe="app.get('/total', (req, res) => res.json({ total: JSON.parse(req.query.terms) }))\n",
    language="javascript",
)

_JS_TIMER = Weakness(
    key="javascript-timer-with-text",
    title="A timer runs a text that is put together",
    cwe="CWE-95",
    impact=Level.HIGH,
    rules=(("javascript-timer-with-text", Level.MEDIUM),),
    what="`setTimeout` or `setInterval` gets a text with values in it.",
    why="The text is run as code: a quote in a value ends the argument that it stands in.",
    fix="Pass a function.",
    weak='const later = (name) => setTimeout("greet(\'" + name + "\')", 1000)\n',
    safe="const later = (name) => setTimeout(() => greet(name), 1000)\n",
    language="javascript",
)

_JS_COMMAND = Weakness(
    key="javascript-command-injection",
    title="Command injection (JavaScript)",
    cwe="CWE-78",
    impact=Level.HIGH,
    rules=(("javascript-command-injection", Level.HIGH),),
    what="`exec`, or `spawn` with a shell, gets a text with a value of a request.",
    why="`; curl … | sh` in the value is a second command.",
    fix="`execFile` with a list of arguments.",
    weak="""\
const child_process = require('child_process')

app.post('/archive', (req, res) => child_process.exec('tar czf /tmp/a.tgz ' + req.body.folder))
""",
    safe="""\
const child_process = require('child_process')

app.post('/archive', (req, res) => child_process.execFile('tar', ['czf', '/tmp/a.tgz', '--', req.body.folder]))
""",
    language="javascript",
)

_JS_SQL = Weakness(
    key="javascript-sql-injection",
    title="SQL injection (JavaScript)",
    cwe="CWE-89",
    impact=Level.HIGH,
    rules=(("javascript-sql-injection", Level.HIGH),),
    what="A value of a request becomes part of the text of an SQL statement.",
    why="Whoever sends the request reads and changes what the database user may.",
    fix="Placeholders, and the values beside the text.",
    weak="app.get('/orders', (req, res) => db.query(`select id from orders where status = '${req.query.status}'`))\n",
    safe="app.get('/orders', (req, res) => db.query('select id from orders where status = $1', [req.query.status]))\n",
    language="javascript",
)

_JS_REDIRECT = Weakness(
    key="javascript-open-redirect",
    title="Open redirect (JavaScript)",
    cwe="CWE-601",
    impact=Level.LOW,
    rules=(("javascript-open-redirect", Level.HIGH),),
    what="A value of a request is the target of a redirect.",
    why="A link to this site ends at a copy of its login page somewhere else.",
    fix="Redirect to a place of a list.",
    weak="app.get('/after', (req, res) => res.redirect(req.query.next))\n",
    safe="app.get('/after', (req, res) => res.redirect('/orders'))\n",
    language="javascript",
)

_JS_HTML = Weakness(
    key="javascript-html-from-values",
    title="DOM-based cross-site scripting (XSS)",
    cwe="CWE-79",
    impact=Level.MEDIUM,
    rules=(("javascript-html-from-values", Level.MEDIUM),),
    what="`innerHTML`, `outerHTML` or `document.write` gets a value.",
    why="A value with a script in it runs in the session of whoever looks at the page.",
    fix="`textContent`, or build elements.",
    weak="document.querySelector('#name').innerHTML = found.name\n",
    safe="document.querySelector('#name').textContent = found.name\n",
    language="javascript",
)

_JS_TLS = Weakness(
    key="javascript-tls-verification-off",
    title="TLS certificate verification is disabled (JavaScript)",
    cwe="CWE-295",
    impact=Level.HIGH,
    rules=(("javascript-tls-verification-off", Level.MEDIUM),),
    what="`rejectUnauthorized: false`, or the same for the whole process.",
    why="Anybody on the way answers in the name of the server.",
    fix="Leave the check on, and give your own authority as `ca`.",
    weak="const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false })\n",
    safe="const agent = new https.Agent({ keepAlive: true, ca: ours })\n",
    language="javascript",
)

_GO_SHELL = Weakness(
    key="go-shell-command",
    title="Command injection (Go)",
    cwe="CWE-78",
    impact=Level.HIGH,
    rules=(("go-shell-command", Level.MEDIUM),),
    what="`exec.Command` starts a shell with a text that is no constant.",
    why="A value in it can be a second command.",
    fix="Name the program and pass its arguments one by one.",
    weak="""\
package shop

import "os/exec"

func archive(folder string) error {
	return exec.Command("sh", "-c", "tar czf /tmp/a.tgz "+folder).Run()
}
""",
    safe="""\
package shop

import "os/exec"

func archive(folder string) error {
	return exec.Command("tar", "czf", "/tmp/a.tgz", "--", folder).Run()
}
""",
    language="go",
)

_GO_TLS = Weakness(
    key="go-tls-verification-off",
    title="TLS certificate verification is disabled (Go)",
    cwe="CWE-295",
    impact=Level.HIGH,
    rules=(("go-tls-verification-off", Level.MEDIUM),),
    what="`InsecureSkipVerify` is set.",
    why="Anybody on the way answers in the name of the server.",
    fix="Leave it out, and give your own authority as `RootCAs`.",
    weak="""\
package shop

import "crypto/tls"

var settings = &tls.Config{InsecureSkipVerify: true}
""",
    safe="""\
package shop

import "crypto/tls"

var settings = &tls.Config{MinVersion: tls.VersionTLS12}
""",
    language="go",
)

OTHER_LANGUAGES = (_JS_CODE, _JS_TIMER, _JS_COMMAND, _JS_SQL, _JS_REDIRECT, _JS_HTML, _JS_TLS, _GO_SHELL, _GO_TLS)
