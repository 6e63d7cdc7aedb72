"""`portico doctor` and its API: a demo without problems, and portals with one fault each. All connections are on loopback,
and the hosts that devices probe are never resolved."""

import base64
import datetime
import json
import os
import pathlib
import socket
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3.exceptions import InsecureRequestWarning

from portal import eventually, program
from ports import free_port

NAME = "portal.example.test"
NETWORK = "10.5.0.0/16"
SITE = "11111111-2222-4333-8444-555555555555"
DEVICES = ["ios", "macos", "android", "windows", "chromeos", "firefox", "linux"]


def worst(diagnosis, check):
    """The highest severity of a check's findings, or None."""
    order = ["ok", "advice", "warning", "problem"]
    found = [finding["severity"] for finding in diagnosis["findings"] if finding["check"] == check]
    return max(found, key=order.index, default=None)


def outcomes(diagnosis):
    return {device["device"]: device["outcome"] for device in diagnosis["devices"]}


def guest_sees(diagnosis, device):
    return next(result["guest_sees"] for result in diagnosis["devices"] if result["device"] == device)


@pytest.fixture
def doctor(portico):
    """Runs the doctor and returns the diagnosis."""

    def run(settings, site, *arguments):
        result = portico("doctor", "--site", site, "--json", *arguments, **settings)
        assert result.stdout, result.stderr
        diagnosis = json.loads(result.stdout)
        assert result.returncode == (1 if diagnosis["severity"] == "problem" else 0), result.stderr
        assert len(result.stderr.splitlines()) == result.returncode
        return diagnosis

    return run


# A demo


def garden_is_in_place(demo):
    return [row for row in demo.router("ip/hotspot/walled-garden/ip") if row.get("comment", "").startswith("portico")]


def test_a_demo_has_no_findings_but_those_of_any_demo(fresh_demo, portico, doctor):
    assert eventually(lambda: garden_is_in_place(fresh_demo))
    diagnosis = doctor(fresh_demo.settings, fresh_demo.site_id)
    assert diagnosis["severity"] == "warning"
    assert {f["check"] for f in diagnosis["findings"] if f["severity"] == "warning"} == {"portal.address"}
    assert [device["device"] for device in diagnosis["devices"]] == DEVICES
    assert "fails" not in outcomes(diagnosis).values()
    assert "browser" in guest_sees(diagnosis, "ios"), "Google's page does not show in the sign-in window"

    report = portico("doctor", "--site", fresh_demo.site_id, **fresh_demo.settings)
    assert report.returncode == 0 and report.stderr == ""
    for words in ("iPhone", "Android", "Windows", "Firefox", "WARNING", "1 warning"):
        assert words in report.stdout
    assert max(map(len, report.stdout.splitlines())) <= 120
    for secret in (fresh_demo.router_password, fresh_demo.token, "signature="):
        assert secret not in report.stdout


def test_the_api_returns_the_same_as_the_program(fresh_demo, doctor):
    assert eventually(lambda: garden_is_in_place(fresh_demo))
    answer = fresh_demo.api("GET", f"/captive/sites/{fresh_demo.site_id}/doctor")
    assert answer.status_code == 200, answer.text
    printed = doctor(fresh_demo.settings, fresh_demo.site_id)
    returned = answer.json()
    for one in (printed, returned):
        del one["examined_at"]
        for finding in one["findings"]:
            if finding["check"] == "router.health":
                finding["evidence"] = [text for text in finding["evidence"] if not text.startswith("up for")]
            if finding["check"] == "router.clock":
                finding["evidence"] = []
    assert returned == printed
    assert "signature=" not in answer.text and fresh_demo.router_password not in answer.text


def test_a_misconfigured_router_is_reported(fresh_demo, doctor):
    login = (fresh_demo.router_user, fresh_demo.router_password)
    rest = fresh_demo.router_url + "/rest"
    assert requests.post(f"{rest}/system/clock/set", json={"date": "2020-01-01"}, auth=login, timeout=10).ok
    row = {"dst-host": "captive.apple.com", "action": "allow", "comment": "for the manager's phone"}
    assert requests.put(f"{rest}/ip/hotspot/walled-garden", json=row, auth=login, timeout=10).ok
    diagnosis = doctor(fresh_demo.settings, fresh_demo.site_id)
    assert worst(diagnosis, "router.clock") == "problem"
    assert worst(diagnosis, "router.probe-hosts") == "problem"
    assert outcomes(diagnosis) == {name: "fails" if name in ("ios", "macos") else "degraded" for name in DEVICES}
    assert "believes that it is online" in guest_sees(diagnosis, "ios")


def test_the_api_runs_one_examination_per_site(fresh_demo):
    site = fresh_demo.api("GET", f"/captive/sites/{fresh_demo.site_id}").json()
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as pool:
        router = site["router"] | {"url": f"http://127.0.0.1:{silent.getsockname()[1]}", "password": "p"}
        changed = fresh_demo.api("PUT", f"/captive/sites/{fresh_demo.site_id}", {"router": router})
        assert changed.status_code == 202, changed.text
        path = f"/captive/sites/{fresh_demo.site_id}/doctor"
        answers = list(pool.map(lambda _: fresh_demo.api("GET", path), range(3)))
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(refused) == 2 and sum(answer.status_code == 200 for answer in answers) == 1
        assert all(answer.json()["code"] == "rate_limited" for answer in refused)
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert fresh_demo.api("GET", "/captive/instances").status_code == 200


def test_the_api_is_limited_to_the_token_s_workspace(demo, portico):
    path = f"/captive/sites/{demo.site_id}/doctor"
    elsewhere = portico("token", "create", "--workspace", "elsewhere", **demo.settings).stdout.strip()
    assert demo.api("GET", path, token=elsewhere).status_code == 404
    assert demo.api("GET", f"/captive/sites/{SITE}/doctor").status_code == 404
    assert requests.get(demo.portal_url + path, timeout=10).status_code == 401
    assert "127.0.0.1:22" not in demo.api("GET", path + "?portal=127.0.0.1:22").text, "a caller cannot choose where it connects to"


# A portal with a name and a certificate, with its own simulated router


class Authority:
    """Signs certificates that a test's devices trust."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.root = self.sign("Test Root", self.key.public_key(), self.key, -1, 30, authority=True)
        self.file = folder / "root.pem"
        self.file.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))

    def sign(self, name, public, key, begins, ends, authority=False):
        now = datetime.datetime.now(datetime.timezone.utc)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = subject if authority else self.root.subject
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now + datetime.timedelta(days=begins))
                .not_valid_after(now + datetime.timedelta(days=ends))
                .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
                .add_extension(x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))]), critical=False)
                .sign(key, hashes.SHA256()))

    def certificate(self, name=NAME, begins=-40, ends=60):
        """The files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(name, key.public_key(), self.key, begins, ends)
        (self.folder / "portal.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (self.folder / "portal.key").write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return {"PORTICO_HTTPS_CERTIFICATE": str(self.folder / "portal.pem"),
                "PORTICO_HTTPS_KEY": str(self.folder / "portal.key")}


class Venue:
    """A portal at https://portal.example.test, a simulated router with DHCP, and one instance."""

    def __init__(self, folder: pathlib.Path, run):
        self.folder, self.run, self.processes = folder, run, []
        self.authority = Authority(folder)
        self.http = f"http://127.0.0.1:{free_port()}"
        self.settings = {
            "PORTICO_PUBLIC_URL": f"https://{NAME}", "PORTICO_HTTP_LISTEN": self.http.removeprefix("http://"),
            "PORTICO_HTTPS_LISTEN": f"127.0.0.1:{free_port()}", "PORTICO_ADMIN_LISTEN": "off",
            "PORTICO_SECRET_KEYS": base64.b64encode(bytes(32)).decode(), "PORTICO_LOG_LEVEL": "warning",
            "PORTICO_ROUTERS_ALLOW_LOCAL": "true",
            "PORTICO_DATABASE_URL": f"sqlite://{folder}/portico.db",
        }

    def start(self, **certificate):
        self.settings |= self.authority.certificate(**certificate)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")}
        assert self.run("database", "migrate", **self.settings).returncode == 0
        serve = subprocess.Popen([program(), "serve"], env=environment | self.settings, cwd=self.folder,
                                 stderr=subprocess.DEVNULL)
        self.router = subprocess.Popen([program(), "router", "simulate", "--listen", "127.0.0.1:0", "--password", "pw"],
                                       env=environment, stdout=subprocess.PIPE, text=True)
        self.processes = [serve, self.router]
        self.router_url = self.router.stdout.readline().strip()
        self.token = self.run("token", "create", **self.settings).stdout.strip()
        assert eventually(self.is_up, seconds=20)
        self.set_up()
        return self

    def is_up(self):
        try:
            return self.api("GET", "/captive/sites").status_code == 200
        except requests.ConnectionError:
            return False

    def api(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Host": NAME}
        url = f"https://{self.settings['PORTICO_HTTPS_LISTEN']}{path}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)
            return requests.request(method, url, json=body, headers=headers, timeout=20, verify=False)

    def rest(self, method, path, body):
        answer = requests.request(method, f"{self.router_url}/rest/{path}", json=body, auth=("admin", "pw"), timeout=10)
        assert answer.ok, answer.text

    def set_up(self):
        self.rest("PUT", "ip/dhcp-server/option", {
            "name": "portico-captive", "code": "114", "value": f"'https://{NAME}/captive-portal/api?site={SITE}'"})
        self.rest("PUT", "ip/dhcp-server/network", {"address": NETWORK, "dhcp-option": "portico-captive"})
        self.rest("PUT", "file", {
            "name": "portico/login.html", "contents": f'<a href="https://{NAME}/hotspot/{SITE}?mac=$(mac-esc)">Sign in</a>'})
        router = {"driver": "routeros-rest", "url": self.router_url, "username": "admin", "password": "pw"}
        assert self.api("PUT", f"/captive/sites/{SITE}", {"name": "Inn", "router": router}).status_code == 202
        made = self.api("POST", "/captive/instances", {
            "name": "Lobby", "strategy": "coupon", "session_ttl": 3600,
            "sites": [{"id": SITE, "subnets": [NETWORK]}]})
        assert made.status_code == 201, made.text

    def stop(self):
        for process in self.processes:
            process.terminate()
        assert [process.wait(20) for process in self.processes] == [0, 0]


@pytest.fixture
def venue(tmp_path, portico):
    venue = Venue(tmp_path, portico)
    yield venue
    venue.stop()


@pytest.fixture
def examine(venue, doctor):
    """The diagnosis of the venue, whose devices trust the test's authority."""
    return lambda: doctor(venue.settings, SITE, "--ca-certificate", str(venue.authority.file))


def test_a_portal_with_a_certificate_and_option_114_has_no_problems(venue, examine):
    venue.start()
    assert eventually(lambda: worst(examine(), "router.garden") == "ok", seconds=20)
    diagnosis = examine()
    assert diagnosis["severity"] == "advice", "its router has no TLS"
    assert {f["check"] for f in diagnosis["findings"] if f["severity"] != "ok"} == {"router.settings"}
    assert set(outcomes(diagnosis).values()) == {"works"}


@pytest.mark.parametrize("certificate, words", [
    ({"ends": -1}, "expired on"), ({"name": "other.example.test"}, "not valid for portal.example.test"),
    ({"begins": 1}, "not valid before"),
])
def test_a_bad_certificate_is_reported_with_its_effects(venue, examine, certificate, words):
    venue.start(**certificate)
    diagnosis = examine()
    told = [f["summary"] for f in diagnosis["findings"] if f["check"] == "portal.certificate"]
    assert worst(diagnosis, "portal.certificate") == "problem" and words in " ".join(told)
    assert set(outcomes(diagnosis).values()) == {"fails"}
    assert guest_sees(diagnosis, "ios").startswith("Nothing opens"), "option 114 names an address that it cannot use"
    assert "warning" in guest_sees(diagnosis, "windows")


def test_an_untrusted_certificate_is_reported(venue, doctor):
    venue.start()
    diagnosis = doctor(venue.settings, SITE)
    assert worst(diagnosis, "portal.certificate") == "problem"


def test_a_missing_option_114_only_hides_the_time_left(venue, examine):
    venue.start()
    network = requests.get(f"{venue.router_url}/rest/ip/dhcp-server/network", auth=("admin", "pw"), timeout=10).json()[0]
    venue.rest("PATCH", f"ip/dhcp-server/network/{network['.id']}", {"dhcp-option": ""})
    diagnosis = examine()
    assert worst(diagnosis, "router.option-114") == "warning"
    assert outcomes(diagnosis)["ios"] == "degraded" and "no time left" in guest_sees(diagnosis, "ios")


def test_an_unreachable_router_is_reported(venue, examine):
    venue.start()
    venue.router.terminate()
    venue.router.wait(20)
    diagnosis = examine()
    assert worst(diagnosis, "router.health") == "problem"
    assert set(outcomes(diagnosis).values()) == {"fails"}


def test_a_portal_that_does_not_run_is_reported(venue, doctor):
    venue.start()
    venue.processes[0].terminate()
    venue.processes[0].wait(20)
    diagnosis = doctor(venue.settings, SITE, "--ca-certificate", str(venue.authority.file))
    assert worst(diagnosis, "portal.probe") == "problem"
    assert any("--portal" in (f["remedy"] or "") for f in diagnosis["findings"])


# Usage


@pytest.mark.parametrize("arguments", [
    ["doctor"], ["doctor", "--site", "x"], ["doctor", "--site", SITE, "--portal", "nowhere"],
    ["doctor", "--site", SITE, "--ca-certificate", "/no/such/file"],
])
def test_wrong_usage_ends_with_64(portico, arguments):
    settings = {"PORTICO_PUBLIC_URL": "https://a.example", "PORTICO_SECRET_KEYS": base64.b64encode(bytes(32)).decode()}
    result = portico(*arguments, **settings)
    assert result.returncode == 64, result.stderr
    assert result.stderr.startswith("portico: ")


def test_an_unknown_site_ends_with_1(demo, portico):
    result = portico("doctor", "--site", SITE, **demo.settings)
    assert result.returncode == 1 and result.stderr.startswith("portico: no site")
