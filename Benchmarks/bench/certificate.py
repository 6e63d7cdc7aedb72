"""A self-signed certificate for the benchmark: ECDSA P-256."""

import subprocess

from .machine import Failure


class Certificate:
    def __init__(self, place):
        self.chain, self.key = place.folder / "chain.pem", place.folder / "key.pem"
        command = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", self.key, "-out", self.chain,
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"no certificate: {done.stderr.strip()[-300:]}")
