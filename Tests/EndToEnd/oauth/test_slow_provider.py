"""A provider that sends one byte after another without end: the guest gets a page, and the portal keeps working."""

import http.server
import threading

import pytest
import requests

from served import Served


class Dripping(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        try:
            while not self.server.ending.wait(0.2):
                self.wfile.write(b" ")
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def dripping():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    server.ending = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.ending.set()
    server.shutdown()


def test_the_guest_gets_a_page_and_others_do_not_wait(dripping, tmp_path):
    with Served(tmp_path, PORTICO_OAUTH_GOOGLE_ISSUER=dripping) as served:
        served.hotel("client", "secret")
        page = requests.get(served.guest_url(7), timeout=10).url
        answers = []
        guest = threading.Thread(target=lambda: answers.append(requests.post(page, allow_redirects=False, timeout=30)))
        guest.start()
        assert requests.get(served.guest_url(8), timeout=10).status_code == 200
        assert not answers, "the first guest still waits while the second has its page"
        guest.join(timeout=30)
        assert answers[0].status_code == 503 and "Google isn’t answering" in answers[0].text
        assert served.users() == []
