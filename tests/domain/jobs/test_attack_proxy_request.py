"""A request to a job's proxy is read in one way, or not at all."""

import pytest

from domain.jobs.proxy_request import MalformedRequestError, size_of_chunk, wanted

GET = b"GET http://example.org/a?b=c HTTP/1.1\r\nHost: example.org\r\n"


def test_a_tunnel_is_read():
    asked = wanted(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")

    assert (asked.name, asked.port, asked.is_tunnel, asked.head) == ("example.org", 443, True, b"")


def test_a_request_goes_on_to_its_host_without_what_is_for_the_proxy():
    more = b"Accept: */*\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\n"
    asked = wanted(GET + more + b"Content-Length: 5\r\n\r\n")

    assert asked.head == (
        b"GET /a?b=c HTTP/1.1\r\nhost: example.org\r\naccept: */*\r\ncontent-length: 5\r\nconnection: close\r\n\r\n"
    )
    assert (asked.name, asked.port, asked.is_tunnel, asked.length) == ("example.org", 80, False, 5)


@pytest.mark.parametrize(
    ("target", "path"),
    [("http://a", "/"), ("http://a?q", "/?q"), ("HTTP://a:80/x", "/x"), ("http://a/b://c", "/b://c")],
)
def test_a_path_is_what_follows_the_host(target: str, path: str):
    assert wanted(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode()).head.startswith(
        f"GET {path} HTTP/1.1\r\n".encode()
    )


def test_a_body_in_chunks_has_no_length():
    assert wanted(GET + b"Transfer-Encoding: chunked\r\n\r\n").length is None


TARGETS = [
    *(
        "/a",
        "*",
        "example.org/a",
        "https://example.org/",
        "ftp://example.org/",
        "http:example.org/",
        "http:///a",
        "//a/",
    ),
    *("http://user@example.org/", "http://example.org@10.0.0.1/", "http://example.org:80@10.0.0.1/", "http://a#@b/"),
    *(
        "http://example.org\\@10.0.0.1/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:+80/",
    ),
    *("http://example.org:80:80/", "http://example.org:/", "http://[::1/", "http://[::1]x/", "http://exa\tmple.org/"),
    *("http://example.org/\xa0", "http://example.org/ HTTP/1.1 x"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_is_not_plainly_a_host_and_a_path_is_malformed(target: str):
    with pytest.raises(MalformedRequestError):
        wanted(f"GET {target} HTTP/1.1\r\n\r\n".encode("latin-1"))


@pytest.mark.parametrize(
    "target", ["example.org", "example.org:", "example.org:443/a", "http://example.org:443", "u@a:443"]
)
def test_a_tunnel_names_host_and_port_alone(target: str):
    with pytest.raises(MalformedRequestError):
        wanted(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())


TWO_WAYS = {
    "two hosts": b"Host: other.example\r\n",
    "another host": b"",
    "two lengths": b"Content-Length: 1\r\nContent-Length: 2\r\n",
    "the same length twice": b"Content-Length: 1\r\nContent-Length: 1\r\n",
    "a list of lengths": b"Content-Length: 1, 1\r\n",
    "length and chunks": b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
    "two codings": b"Transfer-Encoding: gzip, chunked\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n",
    "a coding with a tab": b"Transfer-Encoding:\x0bchunked\r\n",
    "a length with a sign": b"Content-Length: +1\r\n",
    "a length in hex": b"Content-Length: 0x1\r\n",
    "a space before the colon": b"Content-Length : 1\r\n",
    "a space in a name": b"Transfer Encoding: chunked\r\n",
    "a folded header": b"X: a\r\n Content-Length: 1\r\n",
    "a lone line feed": b"X: a\nContent-Length: 1\r\n",
    "a lone carriage return": b"X: a\rContent-Length: 1\r\n",
    "a zero byte": b"X: a\0\r\n",
    "a line without a colon": b"Content-Length\r\n",
    "a length of the connection": b"Content-Length: 1\r\nConnection: content-length\r\n",
}


@pytest.mark.parametrize("what", TWO_WAYS)
def test_what_can_be_read_in_two_ways_is_malformed(what: str):
    head = GET if what != "another host" else GET.replace(b"Host: example.org", b"Host: other.example")
    with pytest.raises(MalformedRequestError):
        wanted(head + TWO_WAYS[what] + b"\r\n")


@pytest.mark.parametrize("version", ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1x", "HTTP/01.1"])
def test_another_version_is_malformed(version: str):
    with pytest.raises(MalformedRequestError):
        wanted(f"GET http://a/ {version}\r\nHost: a\r\n\r\n".encode())


def test_chunks_of_the_old_version_are_malformed():
    with pytest.raises(MalformedRequestError):
        wanted(b"POST http://a/ HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")


@pytest.mark.parametrize("line", [b"", b"5;ext=1", b"0x5", b"+5", b"-5", b" 5", b"5 ", b"5\n", b"f" * 13, b"g"])
def test_a_chunk_has_a_plain_size(line: bytes):
    with pytest.raises(MalformedRequestError):
        size_of_chunk(line)
    assert size_of_chunk(b"fF") == 255
