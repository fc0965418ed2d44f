# real: CWE-501
"""Hotels in a city."""

from bottle import request, route


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


@route("/hotels")
def find_hotels():
    city = request.forms.get("city")
    wanted_city = checked(city)
    request.environ["beaker.session"]["city"] = {"level": wanted_city}
    return {"hotel": "kept"}
