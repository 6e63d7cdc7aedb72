"""Signals that stop the program, and signals that do not."""

import datetime
import ipaddress
import shutil
import signal
import socket
import sqlite3
import ssl

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal import eventually
from served import SITE, Served, free_port


def certificate(folder, name):
    """Writes a certificate for 127.0.0.1 and its key, replacing existing files; returns its DER form."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256()))
    (folder / "chain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return made.public_bytes(serialization.Encoding.DER)


def shown(port) -> bytes:
    """Returns a listener's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        with context.wrap_socket(connection) as session:
            return session.getpeercert(binary_form=True)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_clean_stop_leaves_the_whole_database_in_one_file(tmp_path, name):
    with Served(tmp_path) as portal:
        for number in range(20):
            portal.api("POST", "/captive/instances", {"name": f"Lobby {number}", "strategy": "coupon", "session_ttl": 1200})
            portal.api("GET", "/captive/instances")
        portal.process.send_signal(getattr(signal, name))
        assert portal.process.wait(timeout=20) == 0
        shutil.copy(tmp_path / "portico.db", tmp_path / "copy.db")
        with sqlite3.connect(tmp_path / "copy.db") as copy:
            assert copy.execute("SELECT COUNT(*) FROM instances").fetchone() == (20,)
            assert copy.execute("SELECT COUNT(*) FROM api_tokens").fetchone() == (1,)
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        copy.close()
        log = portal.log.read_text()
        assert f"stopping ({name}), " in log and " connections open" in log
        assert log.rstrip().endswith("INFO stopped")


def test_a_stop_while_another_program_reads_the_database_is_not_clean(tmp_path):
    with Served(tmp_path) as portal:
        reader = sqlite3.connect(tmp_path / "portico.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM instances").fetchone()
        portal.api("POST", "/captive/instances", {"name": "Lobby", "strategy": "coupon", "session_ttl": 1200})
        portal.process.send_signal(signal.SIGTERM)
        assert portal.process.wait(timeout=20) == 1
        last = portal.log.read_text().splitlines()[-1]
        assert "ERROR stopped, but the database is not complete without its -wal file" in last
        assert "INFO stopped" not in portal.log.read_text()
        for name in ("portico.db", "portico.db-wal"):
            shutil.copy(tmp_path / name, tmp_path / name.replace("portico", "copy"))
        reader.close()
        with sqlite3.connect(tmp_path / "copy.db") as copy:
            assert copy.execute("SELECT COUNT(*) FROM instances").fetchone() == (1,)
        copy.close()


@pytest.mark.parametrize("name", ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO",
                                  "SIGPWR", "SIGXFSZ", "SIGRTMIN", "SIGRTMAX"])
def test_no_other_signal_ends_the_portal(served, name):
    served.process.send_signal(getattr(signal, name))
    assert served.api("GET", "/captive/instances") == []
    assert served.process.poll() is None


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Served(tmp_path_factory.mktemp("served")) as portal:
        yield portal


def test_sighup_without_tls_is_logged(served):
    served.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: "SIGHUP" in served.log.read_text())


def test_sighup_reloads_the_certificate(tmp_path):
    port, first = free_port(), certificate(tmp_path, "first")
    settings = {"PORTICO_HTTPS_LISTEN": f"127.0.0.1:{port}", "PORTICO_HTTPS_CERTIFICATE": str(tmp_path / "chain.pem"),
                "PORTICO_HTTPS_KEY": str(tmp_path / "key.pem")}
    with Served(tmp_path, **settings) as portal:
        assert shown(port) == first
        second = certificate(tmp_path, "second")
        portal.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: shown(port) == second)
        assert "certificate reloaded" in portal.log.read_text()
        (tmp_path / "chain.pem").write_text("no certificate")
        portal.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: "certificate not reloaded" in portal.log.read_text())
        assert shown(port) == second, "unusable files change nothing"


def test_a_demo_survives_sighup(fresh_demo):
    fresh_demo.process.send_signal(signal.SIGHUP)
    assert fresh_demo.api("GET", "/captive/instances").status_code == 200
