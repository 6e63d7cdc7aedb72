"""nginx under test: as many worker processes as Portico has event loops, configured for speed."""

from .machine import Failure, free_port

CONFIGURATION = """
daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
worker_rlimit_nofile 65536;
events {{ worker_connections 16384; }}
http {{
    access_log off; server_tokens off; etag off; default_type text/html;
    sendfile off; tcp_nopush off; output_buffers 2 32k;
    open_file_cache max=100 inactive=600s; open_file_cache_valid 600s;
    keepalive_requests 10000; keepalive_timeout 600s; reset_timedout_connection on;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} reuseport backlog=4096;
        {tls}
        location / {{ {location} }}
    }}
}}
"""

TLS = """
        listen 127.0.0.1:{port} ssl reuseport backlog=4096;
        ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key};
        ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on; ssl_session_cache off; ssl_buffer_size 4k;
"""


class Nginx:
    def __init__(self, place, location, certificate=None):
        self.port, self.tls_port = free_port(), free_port()
        folder = place.folder / f"nginx-{self.port}"
        folder.mkdir()
        # If this process is root, the workers run as another user.
        place.folder.chmod(0o755)
        text = CONFIGURATION.format(
            workers=place.options.workers, folder=folder, port=self.port, location=location,
            tls=TLS.format(port=self.tls_port, certificate=certificate) if certificate else "")
        (folder / "nginx.conf").write_text(text)
        self.process = place.run("nginx", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf")
        self.process.await_port(self.port)


def static_page(place, page, certificate=None):
    """Serves the page's bytes as a static file, with as many header fields as Portico sends."""
    root = place.folder / "static"
    root.mkdir(exist_ok=True)
    (root / "preauth").write_bytes(page.body)
    names = ["Content-Encoding", "Content-Security-Policy", "Vary"]
    added = "".join(f'add_header {name} "{page[name]}"; ' for name in names if page[name])
    place.folder.chmod(0o755)
    return Nginx(place, f"root {root}; default_type 'text/html; charset=utf-8'; {added}", certificate)


def same_number_of_fields(ours, peer):
    if abs(len(ours.fields) - len(peer.fields)) > 1:
        raise Failure(f"nginx sends {len(peer.fields)} header fields, Portico {len(ours.fields)}")
