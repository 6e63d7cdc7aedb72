"""glewlwyd from Debian, unpacked and run without installation: an OpenID provider that enforces PKCE."""

import gzip
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal import ROOT, eventually
from ports import free_port
from served import answers

PACKAGES = ("glewlwyd glewlwyd-common libhoel1.4 libiddawc1.1 liborcania2.3 librhonabwy1.1 libulfius2.7 libyder2.0 "
            "libcbor0.8 libconfig9 liboath0 libmicrohttpd12 libmariadb3 libpq5 libldap-2.5-0 libjansson4 "
            "libjs-jquery libjs-popper.js libjs-bootstrap4 fonts-fork-awesome").split()
CLIENT, SECRET = "portico", "a-client-secret-for-glewlwyd"


def unpacked() -> pathlib.Path:
    """The packages' files, downloaded once into this checkout's cache."""
    folder = ROOT / ".cache" / "glewlwyd"
    debs = folder / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    if missing := [name for name in PACKAGES if not list(debs.glob(f"{name}_*.deb"))]:
        subprocess.run(["apt-get", "download", *missing], cwd=debs, check=True, capture_output=True)
        for deb in debs.glob("*.deb"):
            subprocess.run(["dpkg", "-x", deb, folder], check=True)
    return folder


class Glewlwyd:
    """A running provider; leaving the `with` stops it."""

    def __init__(self, folder):
        self.folder = folder
        self.files = unpacked()
        self.url = f"http://127.0.0.1:{free_port()}"
        self.issuer = self.url + "/api/oidc"

    def __enter__(self):
        self.make_database()
        with open(self.folder / "glewlwyd.log", "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        assert eventually(lambda: answers(self.url + "/config")), (self.folder / "glewlwyd.log").read_text()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)

    def command(self, **settings):
        """The command to start it with other settings than those for loopback, on the same database."""
        return [self.files / "usr/bin/glewlwyd", f"--config-file={self.configuration(**settings)}"]

    @property
    def environment(self):
        return os.environ | {"LD_LIBRARY_PATH": str(self.files / "usr/lib/x86_64-linux-gnu")}

    @property
    def database(self):
        return self.folder / "glewlwyd.db"

    def make_database(self):
        first = self.files / "usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
        with sqlite3.connect(self.database) as database:
            database.executescript(gzip.decompress(first.read_bytes()).decode())

    def configuration(self, **settings):
        text = gzip.decompress((self.files / "usr/share/doc/glewlwyd/glewlwyd.conf.sample.gz").read_bytes()).decode()
        settings = {"port": self.url.rsplit(":")[-1], "external_url": f'"{self.url}"', "cookie_secure": "0",
                    "bind_address": '"127.0.0.1"', "cookie_domain": '"127.0.0.1"',
                    "static_files_path": f'"{self.pages()}/"'} | settings
        for name, value in settings.items():
            text = re.sub(rf"^#?\s*{name}\s*=.*$", f"{name}={value}", text, count=1, flags=re.M)
        text = text.replace('"/usr/lib/glewlwyd', f'"{self.files}/usr/lib/glewlwyd')
        text = text.replace('"/usr/share/glewlwyd', f'"{self.files}/usr/share/glewlwyd')
        text = re.sub(r'path\s*=\s*"/var/cache/glewlwyd/glewlwyd.db"', f'path = "{self.database}"', text)
        path = self.folder / "glewlwyd.conf"
        path.write_text(text)
        return path

    def pages(self):
        """Its pages, with the settings of an installation."""
        folder = self.folder / "pages"
        if not folder.exists():
            shutil.copytree(self.files / "usr/share/glewlwyd/webapp", folder, ignore=shutil.ignore_patterns("config.json"))
            shutil.copy(next((self.files / "etc/glewlwyd").glob("config-*.json/config.json")), folder)
        return folder

    def session(self, username="admin", password="password"):
        browser = requests.Session()
        answer = browser.post(self.url + "/api/auth/", json={"username": username, "password": password}, timeout=10)
        assert answer.status_code == 200, answer.text
        return browser

    def set_up(self, *redirect_uris, issuer=None, claims=None):
        """Creates an OpenID plugin that requires PKCE, a client, and the administrator's consent.

        `issuer` is the plugin's issuer; `claims` are claims about the administrator in the ID token.
        """
        admin, claims = self.session(), claims or {}
        self.must(admin.post(self.url + "/api/mod/plugin/", timeout=10, json={
            "module": "oidc", "name": "oidc", "display_name": "OpenID",
            "parameters": parameters(issuer or self.issuer, claims)}))
        for scope in ("profile", "email"):
            self.must(admin.post(self.url + "/api/scope/", timeout=10, json={
                "name": scope, "display_name": scope, "password_required": True, "scheme": {}}))
        self.must(admin.post(self.url + "/api/client/", timeout=10, json={
            "client_id": CLIENT, "name": "Portico", "enabled": True, "confidential": True, "client_secret": SECRET,
            "password": SECRET, "redirect_uri": redirect_uris, "authorization_type": ["code"],
            "token_endpoint_auth_method": ["client_secret_post"], "scope": []}))
        self.keep_properties(admin, claims)
        me = admin.get(self.url + "/api/user/admin", timeout=10).json() | claims
        me["scope"] = ["g_admin", "g_profile", "openid", "profile", "email"]
        me["email"] = "admin@example.org"
        self.must(admin.put(self.url + "/api/user/admin", json=me, timeout=10))
        self.must(admin.put(self.url + f"/api/auth/grant/{CLIENT}", json={"scope": "openid profile email"}, timeout=10))

    def keep_properties(self, admin, names):
        """Adds these properties to users and resets the module, which then reads its settings."""
        path = self.url + "/api/mod/user/database"
        module = admin.get(path, timeout=10).json()
        for name in names:
            module["parameters"]["data-format"][name] = {"multiple": False, "read": True, "write": True}
        self.must(admin.put(path, json=module, timeout=10))
        self.must(admin.put(path + "/reset", timeout=10))

    def sign_in(self, address):
        """Returns the redirect target for a user who is signed in and has consented."""
        back = self.session().get(address + "&g_continue", allow_redirects=False, timeout=10)
        assert back.status_code == 302, f"{back.status_code} {back.text}"
        return back.headers["Location"]

    @staticmethod
    def must(answer):
        assert answer.status_code == 200, f"{answer.request.url} {answer.status_code} {answer.text}"


def parameters(issuer, claims):
    """The OpenID plugin's parameters: only the code flow, PKCE by S256, an issuer in every response, a new key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption()).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM,
                                           serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return {
        "iss": issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": private, "cert": public,
        "access-token-duration": 3600, "refresh-token-duration": 86400, "code-duration": 600,
        "auth-type-code-enabled": True, "auth-type-none-enabled": False, "auth-type-token-enabled": False,
        "auth-type-id-token-enabled": False, "auth-type-password-enabled": False,
        "auth-type-client-enabled": False, "auth-type-refresh-enabled": False, "allow-non-oidc": False,
        "pkce-allowed": True, "pkce-required": True, "pkce-method-plain-allowed": False,
        "oauth-as-iss-id": True, "subject-type": "public", "name-claim": "mandatory",
        "email-claim": "mandatory", "secret-type": "static", "id-token-mode": "code",
        "allowed-scope": ["openid", "profile", "email"], "session-management-allowed": False,
        "claims": [{"name": name, "user-property": name, "type": "string", "mandatory": True} for name in claims]}
