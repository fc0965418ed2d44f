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

eval(location.hash.slice(1)); // weak: 95
const wanted = new URLSearchParams(window.location.search).get("q");
new Function(wanted)(); // weak: 95
setInterval("greet(" + wanted + ")", 1000); // weak: 95
window.addEventListener("message", (event) => {
  eval(event.data); // weak: 95
});

function later(name) {
  setTimeout("greet('" + name + "')", 10); // weak: 95
}

function laterByFunction(name) {
  setTimeout(() => greet("Dr. " + name), 10); // fine: 95
  setTimeout(location.reload.bind(location), 10); // fine: 95
}

app.get("/jobs", (req, res) => {
  const { script } = req.body;
  eval(script); // weak: 95
  eval(parseInt(req.query.n, 10)); // fine: 95
  setTimeout(() => res.end(req.query.last), 10); // fine: 95
  child_process.spawn("sh", ["-c", "ls " + req.params.folder]); // weak: 78
  child_process.spawn("ls " + req.query.folder, { shell: true }); // weak: 78
  child_process.exec("nice -n " + Number(req.query.n) + " job"); // fine: 78
  /job/.exec(req.query.name); // fine: 78
});

app.get("/orders", (req, res) => {
  pool.execute("select * from orders where id = " + req.query.id); // weak: 89
  db.all(`select * from orders where id = ${req.query.id}`); // weak: 89
  pool.query({ text: "select * from orders where id = " + req.query.id }); // weak: 89
  pool.query({ text: "select * from orders where id = $1", values: [req.query.id] }); // fine: 89
  db.all("select * from orders where id = ?", [req.query.id]); // fine: 89
  cache.get(`orders:${req.query.id}`); // fine: 89
});
