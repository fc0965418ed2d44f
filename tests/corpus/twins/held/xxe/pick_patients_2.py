# real: CWE-611
"""Patients of a ward."""

import io

from lxml import etree
from rest_framework.decorators import api_view
from rest_framework.response import Response


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


def patient_by_ward(ward):
    source = io.BytesIO(ward.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=True, resolve_entities=True)]
    return tags


@api_view(["POST"])
def pick_patients(request):
    ward = request.query_params["ward"]
    wanted_ward = checked(ward)
    found = patient_by_ward(wanted_ward)
    return Response({"patient": found})
