"""Receivers of notifications: a real mail server and a webhook receiver, on loopback."""

import datetime
import email
import email.policy
import ipaddress
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ports import free_port


class Certificate:
    """A self-signed certificate for 127.0.0.1."""

    def __init__(self, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
        now = datetime.datetime.now(datetime.timezone.utc)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
        self.file, key_file = folder / "mail.pem", folder / "mail.key"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.file, key_file)


class MailServer:
    """Accepts mail, with STARTTLS and AUTH if they are configured; `refused` are unknown recipients."""

    user, password = "wifi", "s3cret-p4ss"

    def __init__(self, certificate=None, auth=False):
        self.port = free_port()
        self.certificate, self.auth = certificate, auth
        self.messages, self.envelopes, self.encrypted, self.refused = [], [], [], set()
        self.controller = None

    @property
    def url(self):
        login = f"{self.user}:{self.password}@" if self.auth else ""
        return f"smtp://{login}127.0.0.1:{self.port}"

    def start(self):
        outer = self

        class Server(Controller):
            def factory(self):
                return SMTP(outer, hostname="mail.test", tls_context=outer.certificate and outer.certificate.context,
                            authenticator=outer.authenticate if outer.auth else None, auth_required=outer.auth,
                            auth_require_tls=bool(outer.certificate))

        self.controller = Server(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def stop(self):
        if self.controller:
            self.controller.stop()
        self.controller = None

    def authenticate(self, server, session, envelope, mechanism, data):
        known = (data.login, data.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self.encrypted.append(session.ssl is not None)
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"


class Webhook:
    """Records the posted requests and responds with the next of `answers`, then with 200."""

    def __init__(self, answers=()):
        self.calls, self.answers = [], list(answers)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.calls.append((self.path, dict(self.headers), body))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def stop(self):
        self.server.shutdown()
