# twin: CWE-79
"""Hotels in a city."""

from sanic import Sanic
from sanic.response import html as page

app = Sanic("hotels")


class Form:
    choices = ("lisbon", "other")

    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.choices[0] if self.text else self.choices[1]


def page_of_hotel(city):
    return "".join(["<b>", city, "</b>"])


@app.get("/hotels")
async def look_hotels(request):
    city = request.form.get("city")
    wanted_city = Form(city).cleaned()
    return page(page_of_hotel(wanted_city))
