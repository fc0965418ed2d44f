"""SQL and other query languages."""

import sqlite3

import sqlalchemy
from flask import Flask, request

app = Flask(__name__)
db = sqlite3.connect(":memory:")


@app.get("/user")
def user():
    name = request.args["name"]
    row = db.execute("select id from users where name = '" + name + "'").fetchone()  # weak: 89
    return {"id": row}


@app.get("/user/parameter")
def user_parameter():
    name = request.args["name"]
    row = db.execute("select id from users where name = ?", (name,)).fetchone()  # fine: 89
    return {"id": row}


@app.post("/login")
def login():
    name, password = request.form["name"], request.form["password"]
    query = f"select 1 from users where name = '{name}' and password = '{password}'"
    found = db.execute(query).fetchone()  # weak: 89
    return {"found": bool(found)}


@app.post("/login/parameter")
def login_parameter():
    query = "select 1 from users where name = :name and password = :password"
    found = db.execute(query, dict(request.form)).fetchone()  # fine: 89
    return {"found": bool(found)}


@app.get("/page/<number>")
def page(number):
    rows = db.execute("select * from pages limit 10 offset %s" % int(number)).fetchall()  # fine: 89
    return {"rows": rows}


@app.get("/sorted")
def sorted_by():
    column = request.args.get("by", "name")
    cursor = db.cursor()
    cursor.execute("select * from users order by " + column)  # weak: 89
    return {"rows": cursor.fetchall()}


@app.get("/sorted/known")
def sorted_known():
    column = "age" if request.args.get("by") == "age" else "name"
    statement = {"age": "select * from users order by age", "name": "select * from users order by name"}[column]
    cursor = db.cursor()
    cursor.execute(statement)  # fine: 89
    return {"rows": cursor.fetchall()}


def purge(request):
    table = request.GET["table"]
    db.executescript(f"delete from {table}; vacuum;")  # weak: 89


def purge_fixed(request):
    db.executescript("delete from logs; vacuum;")  # fine: 89


def search(request, session):
    text = request.GET["text"]
    statement = sqlalchemy.text("select * from posts where body like '%" + text + "%'")  # weak: 89
    return session.scalars(statement)


def search_bound(request, session):
    statement = sqlalchemy.text("select * from posts where body like :text")  # fine: 89
    return session.scalars(statement, {"text": request.GET["text"]})


def people(request, Person):
    return Person.objects.raw("select * from people where city = '%s'" % request.GET["city"])  # weak: 89


def people_bound(request, Person):
    return Person.objects.raw("select * from people where city = %s", [request.GET["city"]])  # fine: 89


def report(year, region):
    cursor = db.cursor()
    cursor.execute(f"select sum(total) from sales where year = {year} and region = '{region}'")  # weak: 89
    return cursor.fetchone()


def report_bound(year, region):
    cursor = db.cursor()
    cursor.execute("select sum(total) from sales where year = ? and region = ?", (year, region))  # fine: 89
    return cursor.fetchone()


def many(request):
    rows = request.get_json()
    db.executemany("insert into logs values (?, ?)", rows)  # fine: 89


def scripted(request, collection):
    body = request.json["filter"]
    return collection.find({"$where": body})  # weak: 943


def by_field(request, collection):
    return collection.find({"name": str(request.json["name"])})  # fine: 943


def reduced(request, collection):
    return collection.map_reduce(request.form["mapper"], "function(k, v) { return v; }", "out")  # weak: 943


def reduced_fixed(request, collection):
    return collection.map_reduce("function() { emit(1, 1); }", "function(k, v) { return v; }", "out")  # fine: 943
