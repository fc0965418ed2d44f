const child_process = require("child_process");
const https = require("https");

app.get("/sum", (req, res) => {
  res.json({ total: eval(req.query.expression) }); // weak: 95
});

app.get("/sum/parsed", (req, res) => {
  res.json({ total: Number(JSON.parse("1")) }); // fine: 95
});

app.get("/ping", (req, res) => {
  child_process.exec("ping -c 1 " + req.query.host); // weak: 78
  res.end();
});

app.get("/ping/list", (req, res) => {
  child_process.execFile("ping", ["-c", "1", req.query.host]); // fine: 78
  res.end();
});

app.get("/user", (req, res) => {
  db.query("select * from users where name = '" + req.params.name + "'"); // weak: 89
  res.end();
});

app.get("/user/parameter", (req, res) => {
  db.query("select * from users where name = $1", [req.params.name]); // fine: 89
  res.end();
});

app.get("/next", (req, res) => {
  res.redirect(req.query.next); // weak: 601
});

app.get("/home", (req, res) => {
  res.redirect("/home"); // fine: 601
});

function show(element, text) {
  element.innerHTML = "<b>" + text + "</b>"; // weak: 79
}

function showPlain(element, text) {
  element.textContent = text; // fine: 79
}

function agent() {
  return new https.Agent({ keepAlive: true, rejectUnauthorized: false }); // weak: 295
}

function agentVerified() {
  return new https.Agent({ keepAlive: true }); // fine: 295
}
