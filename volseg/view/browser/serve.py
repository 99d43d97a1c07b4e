"""One page for browsers on this machine, until somebody presses Ctrl-C."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"
# A fixed port is easy to forward; where it is taken, any other will do.
PORT = 8710


def page_server(page: bytes) -> ThreadingHTTPServer:
    """A server of one page that only this machine can reach.

    Its ``server_port`` is `PORT`, or another where that is taken.
    """
    packed = gzip.compress(page, compresslevel=1)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A foreign site's script may ask under its own name; it must not see the data.
            asked = self.headers.get("Host", "").rsplit(":", 1)[0]
            if self.path != "/" or asked not in (HOST, "localhost"):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(packed)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # a reader may go early
                self.wfile.write(packed)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = False

    try:
        return Server((HOST, PORT), Handler)
    except OSError:
        return Server((HOST, 0), Handler)


def serve(page: bytes, say: Callable[[str], None]) -> None:
    """Serve a page until Ctrl-C, which is a good end; ``say`` gets where it is."""
    with page_server(page) as server:
        port = server.server_port
        say(f"open http://{HOST}:{port}/ in a browser here; Ctrl-C ends it")
        say(
            f"from another machine: ssh -L {port}:{HOST}:{port} THIS-MACHINE, then the same address"
        )
        with suppress(KeyboardInterrupt):
            server.serve_forever()
