"""Row 8: resident memory of an idle process and of each idle connection, after one request each."""

import contextlib
import socket
from statistics import median

from . import nginx, portal
from .certificate import Certificate
from .http import ask, head, read_answer, trusting
from .load import accept_gzip

CONNECTIONS = 2_000
TIMES = 3


def idle(place):
    certificate = Certificate(place)
    ours = [portico_memory(place, certificate) for _ in range(TIMES)]
    peer = [nginx_memory(place, certificate) for _ in range(TIMES)]
    rows = [
        ("idle process", "MB", "<= 25", 2**20), ("idle keep-alive connection", "KB", "<= 4", 2**10),
        ("idle TLS connection", "KB", "<= 30", 2**10),
    ]
    for index, (name, unit, goal, size) in enumerate(rows):
        ours_middle, peer_middle = (median(one[index] for one in seen) / size for seen in (ours, peer))
        yield {
            "row": 8, "name": name, "peer_name": "nginx", "unit": unit, "ours": round(ours_middle, 2),
            "peer": round(peer_middle, 2), "ratio": round(ours_middle / peer_middle, 3) if peer_middle else None,
            "goal": goal, "rounds": TIMES,
        }


def portico_memory(place, certificate):
    server = portal.serve(place, certificate)
    site, _ = server.instance("10.0.0.0/8")
    path = server.page_path(site, "02:00:00:00:00:01", "10.5.0.11")
    return memory(server, path)


def nginx_memory(place, certificate):
    (place.folder / "index").mkdir(exist_ok=True)
    server = nginx.Nginx(place, "return 200 'a page';", certificate)
    return memory(server, "/")


def memory(server, path):
    """Returns the bytes of the process, of a connection, and of a TLS connection; then stops the server."""
    ask(server.port, path, accept_gzip()).expect(200, "the server")
    process = server.process.resident_bytes()
    with contextlib.ExitStack() as held:
        plain = growth(server, path, server.port, False, held)
    with contextlib.ExitStack() as held:
        secure = growth(server, path, server.tls_port, True, held)
    server.process.stop()
    return process, plain, secure


def growth(server, path, port, tls, held):
    """Returns the bytes that each open connection adds. The first 50 are not counted: they trigger one-time allocations."""
    hold(path, port, tls, held, 50)
    before = server.process.resident_bytes()
    hold(path, port, tls, held, CONNECTIONS)
    return (server.process.resident_bytes() - before) / CONNECTIONS


def hold(path, port, tls, held, count):
    context = trusting()
    request = head("GET", path, {"Host": f"127.0.0.1:{port}"} | accept_gzip())
    for _ in range(count):
        connection = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        if tls:
            connection = held.enter_context(context.wrap_socket(connection))
        connection.sendall(request)
        read_answer(connection).expect(200, "the server")
