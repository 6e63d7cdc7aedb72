"""Row 5: the page over a new TLS 1.3 connection each time, without resumption. The load is OpenSSL's `s_time`."""

import re
import subprocess
import time

from . import nginx, portal
from .certificate import Certificate
from .http import ask
from .load import Measurement, accept_gzip
from .machine import Failure
from .pages import same
from .pairs import pair_up

CLIENTS = 4
COUNTED = re.compile(r"(\d+) connections in \d+ real seconds, (\d+) bytes read per connection")


def new_connections(place):
    certificate = Certificate(place)
    running = portal.serve(place, certificate)
    site, _ = running.instance("10.0.0.0/8")
    path = running.page_path(site, "02:00:00:00:00:01", "10.5.0.11")
    fields = accept_gzip() | {"Connection": "close"}
    page = ask(running.port, path, fields).expect(200, "Portico")
    server = nginx.static_page(place, page, certificate)
    ours, peer = (("Portico", running, path, fields, page), ("nginx", server, "/preauth", fields, page))
    seconds = place.options.seconds
    yield {"row": 5, "peer_name": "nginx, same certificate"} | pair_up(
        place, "page, new TLS 1.3 connection", lambda: measure(*ours, seconds), lambda: measure(*peer, seconds),
        ">= 1.0", "connections/s")


def measure(name, server, path, fields, page, seconds):
    answer = ask(server.tls_port, path, fields, tls=True).expect(200, name)
    same(answer.body, page.body, name)
    cpu, start = server.process.cpu_seconds(), time.monotonic()
    clients = [client(server.tls_port, path, fields, seconds) for _ in range(CLIENTS)]
    texts = [one.communicate(timeout=seconds + 60)[0] for one in clients]
    elapsed, cpu = time.monotonic() - start, server.process.cpu_seconds() - cpu
    count = sum(counted(text, answer.size, name) for text in texts)
    return Measurement(count / elapsed, cpu * 1e6 / count, None)


def client(port, path, fields, seconds):
    # s_time appends " HTTP/1.0" to its path argument: the header fields are inserted before, and X-End absorbs it.
    fields = {"Host": f"127.0.0.1:{port}"} | fields | {"X-End": ""}
    lines = [f"{path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    command = ["openssl", "s_time", "-new", "-tls1_3", "-connect", f"127.0.0.1:{port}", "-time", str(seconds)]
    return subprocess.Popen(
        [*command, "-www", "\r\n".join(lines)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def counted(text, size, name):
    """Returns the connections of one client. Raises unless each has read the bytes of exactly one correct response."""
    found = COUNTED.search(text)
    if not found or int(found[2]) != size:
        raise Failure(f"{name}: {found[2] if found else 'no'} bytes for each connection instead of {size}")
    return int(found[1])
