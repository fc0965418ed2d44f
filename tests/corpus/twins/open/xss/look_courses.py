# twin: CWE-79
"""Courses of a term."""

import re

import tornado.web


def page_of_course(term):
    return "<p>No course for " + term + "</p>"


class CoursesHandler(tornado.web.RequestHandler):
    async def get(self):
        term = self.get_argument("term")
        if not re.fullmatch(r"[a-z0-9]{1,12}", term):
            raise tornado.web.HTTPError(400, "unknown term")
        wanted_term = term
        self.write(page_of_course(wanted_term))


def routes():
    return [(r"/courses", CoursesHandler)]
