"""A router behind a proxy that fails on demand and records the times of its requests."""

import http.server
import json
import threading
import time

import requests

from test_walled_garden import Router

REFUSALS = {
    "unauthorized": (401, {"error": 401, "message": "Unauthorized"}),
    "forbidden": (500, {"error": 500, "message": "Internal Server Error", "detail": "not enough permissions (9)"}),
    "full": (400, {"error": 400, "message": "Bad Request", "detail": "failure: no more sessions are allowed"}),
    "refused": (400, {"error": 400, "message": "Bad Request", "detail": "failure: out of the ordinary"}),
    "disguised": (400, {"error": 400, "message": "Bad Request", "detail": "failure: \u202eevil\u2066\u2029\x9b\u200f\U000e0041"}),
}


class FailingRouter(Router):
    """`mode`: works, hangs, drops, slow, or one of the refusals. `only`: the suffix of the paths that fail. `forged`: false
    responses, by the suffix of a path."""

    def __init__(self, guests=()):
        super().__init__(guests)
        self.mode, self.only, self.asked, self.freed = "works", "", [], threading.Event()
        self.forged, self.paths = {}, []

    def __enter__(self):
        self.start()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.become("works")
        self.server.shutdown()
        self.server.server_close()
        self.stop()

    @property
    def settings(self) -> dict:
        return super().settings | {"url": f"http://127.0.0.1:{self.server.server_port}"}

    def become(self, mode, only=""):
        self.freed.set()
        self.freed = threading.Event()
        self.mode, self.only = mode, only
        self.asked.clear()

    def active(self) -> dict[str, dict]:
        rows = requests.get(f"{self.url}/rest/ip/hotspot/active", auth=(self.user, self.password), timeout=10)
        return {row["mac-address"]: row for row in rows.json()}

    def handler(router):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def fail(self) -> bool:
                """Returns True if the request needs no further response."""
                router.asked.append(time.monotonic())
                if not self.path.split("?")[0].endswith(router.only):
                    return False
                if router.mode == "hangs":
                    router.freed.wait(30)
                if router.mode == "slow":
                    time.sleep(1)
                if router.mode in ("hangs", "drops"):
                    self.close_connection = True
                    return True
                if router.mode in REFUSALS:
                    status, body = REFUSALS[router.mode]
                    self.answer(status, json.dumps(body).encode())
                return router.mode in REFUSALS

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.fail():
                    return
                passed = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
                answer = requests.request(
                    self.command, router.url + self.path, data=body, headers=passed, timeout=30)
                path = self.path.split("?")[0]
                forged = next((body for end, body in router.forged.items() if path.endswith(end)), None)
                self.answer(answer.status_code, answer.content if forged is None else forged)
                router.paths.append(path)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

        return Handler
