"""Certificates that only the test trusts."""

import subprocess


def certificate(folder, name):
    """Creates a certificate for `name`; returns its path and its key's."""
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-out", paths[0],
         "-keyout", paths[1], "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True)
    return paths
