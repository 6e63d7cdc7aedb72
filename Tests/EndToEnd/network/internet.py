"""A web server that responds to every GET, over IPv4 and IPv6; slowly, in pieces, at /slow."""

import http.server
import socket
import time


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"the internet\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        if self.path != "/slow":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            while self.path == "/slow":
                self.wfile.write(body)
                self.wfile.flush()
                time.sleep(0.1)
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


Server(("::", 80), Page).serve_forever()
