"""LDAP, XPath and XML."""

import xml.sax
import xml.sax.handler

import elementpath
import ldap
import ldap.filter
import ldap3
from ldap3.utils.conv import escape_filter_chars
from lxml import etree


def person(request, connection):
    name = request.args["name"]
    connection.search("ou=people,dc=example,dc=org", "(cn=" + name + ")")  # weak: 90
    return connection.entries


def person_escaped(request, connection):
    name = escape_filter_chars(request.args["name"])
    connection.search("ou=people,dc=example,dc=org", "(cn=" + name + ")")  # fine: 90
    return connection.entries


def member(request):
    server = ldap.initialize("ldap://directory")
    uid = request.form.get("uid")
    wanted = f"(&(objectClass=person)(uid={uid}))"
    return server.search_s("dc=example,dc=org", ldap.SCOPE_SUBTREE, wanted)  # weak: 90


def member_escaped(request):
    server = ldap.initialize("ldap://directory")
    uid = ldap.filter.escape_filter_chars(request.form.get("uid"))
    wanted = f"(&(objectClass=person)(uid={uid}))"
    return server.search_s("dc=example,dc=org", ldap.SCOPE_SUBTREE, wanted)  # fine: 90


def branch(request):
    connection = ldap3.Connection("directory")
    base = "ou=" + request.args["unit"] + ",dc=example,dc=org"
    connection.search(search_base=base, search_filter="(objectClass=*)")  # weak: 90
    return connection.entries


def branch_fixed(request):
    connection = ldap3.Connection("directory")
    connection.search(search_base="ou=web,dc=example,dc=org", search_filter="(objectClass=*)")  # fine: 90
    return connection.entries


def group(request):
    server = ldap.initialize("ldap://directory")
    return server.search_ext_s("dc=example", 2, "(cn=%s)" % request.cookies["group"])  # weak: 90


def group_number(request):
    server = ldap.initialize("ldap://directory")
    return server.search_ext_s("dc=example", 2, "(gidNumber=%d)" % int(request.cookies["group"]))  # fine: 90


def price(request, tree):
    name = request.args["name"]
    return tree.xpath("//item[@name='" + name + "']/price")  # weak: 643


def price_variable(request, tree):
    return tree.xpath("//item[@name=$name]/price", name=request.args["name"])  # fine: 643


def title(request, root):
    path = "//book[id='{}']/title".format(request.values["id"])
    return elementpath.select(root, path)  # weak: 643


def title_number(request, root):
    path = "//book[id='{}']/title".format(int(request.values["id"]))
    return elementpath.select(root, path)  # fine: 643


def compiled(request, root):
    wanted = etree.XPath(f"//user[name='{request.form['name']}']")  # weak: 643
    return wanted(root)


def compiled_fixed(request, root):
    wanted = etree.XPath("//user[name=$name]")  # fine: 643
    return wanted(root, name=request.form["name"])


def children(request, root):
    return root.findall(".//" + request.args["tag"])  # weak: 643


def children_fixed(request, root):
    return [child for child in root.findall(".//tag") if child.text == request.args["text"]]  # fine: 643


def upload(request):
    return etree.fromstring(request.data)  # weak: 611


def upload_decoded(request):
    document = request.get_data()
    return etree.XML(document)  # weak: 611


def settings(path):
    parser = etree.XMLParser(resolve_entities=True)  # weak: 611
    return etree.parse(path, parser)


def settings_closed(path):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)  # fine: 611
    return etree.parse(path, parser)


def read(path, handler):
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_external_ges, True)  # weak: 611
    reader.setContentHandler(handler)
    reader.parse(path)


def read_closed(path, handler):
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_external_ges, False)  # fine: 611
    reader.setContentHandler(handler)
