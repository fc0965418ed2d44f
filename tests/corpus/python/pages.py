"""What browsers see: pages, redirects, sessions, cookies."""

import html
import json

import jinja2
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from flask import (
    Flask,
    jsonify,
    make_response,
    redirect,
    render_template,
    render_template_string,
    request,
    session,
    url_for,
)
from markupsafe import Markup, escape

app = Flask(__name__)


@app.get("/hello")
def hello():
    name = request.args.get("name", "")
    return "<h1>Hello " + name + "</h1>"  # weak: 79


@app.get("/hello/escaped")
def hello_escaped():
    name = escape(request.args.get("name", ""))
    return f"<h1>Hello {name}</h1>"  # fine: 79


@app.get("/hello/template")
def hello_template():
    return render_template("hello.html", name=request.args.get("name", ""))  # fine: 79


@app.get("/hello/json")
def hello_json():
    return jsonify(name=request.args.get("name", ""))  # fine: 79


@app.route("/search", methods=["GET", "POST"])
def search():
    wanted = request.form.get("q")
    page = "<p>Nothing found for "
    page += wanted
    page += "</p>"
    return page  # weak: 79


@app.route("/search/number")
def search_number():
    page = "<p>Page "
    page += str(int(request.args["page"]))
    return page  # fine: 79


@app.get("/profile/<user>")
def profile(user):
    answer = make_response(f"<b>{user}</b>")  # weak: 79
    return answer


@app.get("/profile/escaped/<user>")
def profile_escaped(user):
    answer = make_response(f"<b>{html.escape(user)}</b>")  # fine: 79
    return answer


@app.get("/bio")
def bio():
    return render_template("bio.html", text=Markup(request.args["text"]))  # weak: 79


@app.get("/bio/plain")
def bio_plain():
    return render_template("bio.html", text=request.args["text"])  # fine: 79


def greeting(request):
    return HttpResponse("Hello " + request.GET["name"])  # weak: 79


def greeting_json(request):
    return HttpResponse(json.dumps({"name": request.GET["name"]}), content_type="application/json")  # fine: 79


def comment(request):
    return {"comment": mark_safe(request.POST["comment"])}  # weak: 79


def comment_fixed(request):
    return {"comment": mark_safe("<b>no comment</b>")}  # fine: 79


@app.get("/card")
def card():
    return render_template_string("<p>" + request.args["text"] + "</p>")  # weak: 1336


@app.get("/card/value")
def card_value():
    return render_template_string("<p>{{ text }}</p>", text=request.args["text"])  # fine: 1336


def letter(request):
    body = request.POST["body"]
    return jinja2.Template(body).render()  # weak: 1336


def letter_value(request):
    return jinja2.Template("Dear {{ name }}").render(name=request.POST["name"])  # fine: 1336


def pages():
    return jinja2.Environment(autoescape=False)  # weak: 79


def pages_escaped():
    return jinja2.Environment(autoescape=True)  # fine: 79


@app.get("/next")
def go_next():
    return redirect(request.args.get("next", "/"))  # weak: 601


@app.get("/next/known")
def go_known():
    return redirect(url_for("hello", name=request.args.get("name")))  # fine: 601


@app.get("/out/<path:target>")
def out(target):
    address = "https://" + target
    return redirect(address)  # weak: 601


@app.get("/out/fixed")
def out_fixed():
    return redirect("https://example.org/")  # fine: 601


def login(request):
    return HttpResponseRedirect(request.GET["next"])  # weak: 601


def login_home(request):
    return HttpResponseRedirect("/home")  # fine: 601


@app.post("/basket")
def basket():
    session["basket"] = request.form["basket"]  # weak: 501
    return "", 204


@app.post("/basket/number")
def basket_number():
    session["basket"] = int(request.form["basket"])  # fine: 501
    return "", 204


@app.post("/role")
def role():
    name = request.cookies["role"]
    session[name] = True  # weak: 501
    return "", 204


@app.post("/role/fixed")
def role_fixed():
    session["role"] = "reader"  # fine: 501
    return "", 204


def remember(request):
    request.session["user"] = request.POST["user"]  # weak: 501


def remember_checked(request, users):
    request.session["user"] = users.checked().id  # fine: 501


def welcome(response, value):
    response.set_cookie("session", value)  # weak: 614
    return response


def welcome_secure(response, value):
    response.set_cookie("session", value, secure=True, httponly=True, samesite="Lax")  # fine: 614
    return response


def tracked(response):
    response.set_cookie("visitor", "1", max_age=60, secure=False)  # weak: 614
    return response


@csrf_exempt  # weak: 352
def transfer(request):
    return HttpResponse("")


@csrf_exempt  # weak: 352
def pay(request):
    request.user.account.pay(request.POST["amount"])
    return HttpResponse("")


def transfer_protected(request):  # fine: 352
    return HttpResponse("")


def keys(app):
    app.secret_key = "correct horse battery staple"  # weak: 798
    app.config["JWT_SECRET_KEY"] = "another one of these"  # weak: 798


def keys_elsewhere(app, environment):
    app.secret_key = environment["SECRET_KEY"]  # fine: 798


def origins(application, CORSMiddleware):
    application.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)  # weak: 942


def origins_known(application, CORSMiddleware):
    application.add_middleware(
        CORSMiddleware, allow_origins=["https://example.org"], allow_credentials=True
    )  # fine: 942


def guarded(user, account):
    assert user.is_admin, "only for administrators"  # weak: 617
    account.close()


def guarded_properly(user, account):
    if not user.is_admin:  # fine: 617
        raise PermissionError("only for administrators")
    account.close()


if __name__ == "__main__":
    app.run(debug=True)  # weak: 489
