"""One page, for this machine alone."""

from __future__ import annotations

import gzip
import http.client
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from volseg.view.browser.serve import HOST, page_server, serve

PAGE = b"<!doctype html><p>a scene</p>" * 100


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with page_server(PAGE) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(port: int, path: str = "/", host: str | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    connection.request("GET", path, headers={} if host is None else {"Host": host})
    return connection.getresponse()


def test_the_page_is_given_whole(server: ThreadingHTTPServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    answer = ask(server.server_port)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert gzip.decompress(answer.read()) == PAGE
    assert ask(server.server_port, host="localhost:99").status == 200


@pytest.mark.parametrize(("path", "host"), [("/etc/passwd", None), ("/", "evil.example")])
def test_nothing_else_is_given_and_not_to_foreign_names(
    server: ThreadingHTTPServer, path: str, host: str | None
) -> None:
    answer = ask(server.server_port, path, host)
    assert answer.status == 404
    assert b"scene" not in answer.read()


def test_a_taken_port_is_no_hindrance(server: ThreadingHTTPServer) -> None:
    with page_server(PAGE) as other:
        assert other.server_port != server.server_port


def test_ctrl_c_is_a_good_end_and_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: ThreadingHTTPServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ThreadingHTTPServer, "serve_forever", interrupted)
    said: list[str] = []
    serve(PAGE, said.append)
    assert said[0].startswith("open http://127.0.0.1:")
    assert "ssh -L" in said[1]
