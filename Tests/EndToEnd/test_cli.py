"""The commands: output and exit codes."""

import base64
import json
import os
import re
import sqlite3

import pytest
import requests

from portal import Demo, eventually
from test_stop_and_signals import certificate

KEY = base64.b64encode(bytes(range(32))).decode()
SITE = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def settings(tmp_path):
    return {
        "PORTICO_SECRET_KEYS": KEY,
        "PORTICO_DATABASE_URL": f"sqlite://{tmp_path}/portico.db",
        "PORTICO_PUBLIC_URL": "https://portal.example.org",
    }


def demo_settings(demo):
    """The settings of a running demo, so that commands use the same database."""
    return json.loads((demo.data / "demo.json").read_text())["settings"]


def has_only_error_lines(result, count=None):
    lines = result.stderr.splitlines()
    return lines and all(line.startswith("portico: ") for line in lines) and count in (None, len(lines))


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.mark.parametrize("arguments", [
    ["frobnicate"], ["serve", "--no-such-flag"], ["demo", "--listen", "nowhere"], ["token", "revoke"],
    ["token", "create", "--scope", "everything"], ["token", "create", "--expires-in", "soon"],
    ["router", "script", "--site", "not-an-id"],
])
def test_wrong_usage_ends_with_64(portico, settings, arguments):
    result = portico(*arguments, **settings)
    assert result.returncode == 64, result.stderr
    assert result.stdout == ""
    assert has_only_error_lines(result)


@pytest.mark.parametrize("override,named", [
    ({"PORTICO_SECRET_KEYS": ""}, "secret.keys"),
    ({"PORTICO_SECRET_KEYS": "c2hvcnQ="}, "secret.keys"),
    ({"PORTICO_SECRET_KEYS": f"{KEY},{KEY}"}, "secret.keys (PORTICO_SECRET_KEYS): a key occurs more than once"),
    ({"PORTICO_PUBLIC_URL": "not a url"}, "public_url"),
    ({"PORTICO_HTTP_LISTEN": "everywhere"}, "http.listen"),
    ({"PORTICO_WORKERS": "many"}, "workers"),
])
def test_wrong_configuration_ends_with_78_and_names_the_setting(portico, settings, override, named):
    result = portico("serve", **settings | override)
    assert result.returncode == 78, result.stderr
    assert has_only_error_lines(result)
    assert named in result.stderr
    assert KEY not in result.stderr and "c2hvcnQ=" not in result.stderr


def test_an_unknown_key_names_the_nearest_known_one(portico, settings, tmp_path):
    file = tmp_path / "portico.yaml"
    file.write_text("public_ur: https://portal.example.org\n")
    result = portico("serve", "--config", str(file), **settings)
    assert result.returncode == 78
    assert "public_ur" in result.stderr and "public_url" in result.stderr.replace("public_ur:", "")


def test_all_problems_are_reported_at_once(portico, settings):
    wrong = {"PORTICO_WORKERS": "many", "PORTICO_HTTP_LISTEN": "everywhere", "PORTICO_SECRET_KEYS": "?"}
    result = portico("serve", **settings | wrong)
    assert result.returncode == 78
    assert all(name in result.stderr for name in ("workers", "http.listen", "secret.keys"))


@pytest.mark.parametrize("arguments", [["database", "migrate"], ["serve"]])
def test_a_missing_database_folder_ends_with_78(portico, settings, arguments):
    result = portico(*arguments, **settings | {"PORTICO_DATABASE_URL": "sqlite:///no/such/folder/portico.db"})
    assert result.returncode == 78, result.stderr
    assert has_only_error_lines(result, count=1)
    assert result.stderr == "portico: database.url: /no/such/folder does not exist\n"


COMMANDS_WITHOUT_MIGRATION = [
    ["token", "create"], ["token", "list"], ["token", "revoke", SITE], ["check"], ["doctor", "--site", SITE],
    ["router", "script", "--site", SITE],
]


@pytest.mark.parametrize("arguments", COMMANDS_WITHOUT_MIGRATION)
def test_a_command_that_needs_a_database_does_not_create_one(portico, settings, tmp_path, arguments):
    result = portico(*arguments, **settings)
    assert result.returncode == 78, result.stderr
    assert has_only_error_lines(result, count=1)
    assert f"database.url: {tmp_path}/portico.db does not exist; `portico database migrate`" in result.stderr
    assert not (tmp_path / "portico.db").exists()


def files(tmp_path):
    """The database's files that are not empty, with their content."""
    return {path.name: path.read_bytes() for path in tmp_path.glob("portico.db*")
            if not path.name.endswith("-shm") and path.stat().st_size > 0}


@pytest.mark.parametrize("arguments", COMMANDS_WITHOUT_MIGRATION)
def test_a_command_does_not_create_a_schema(portico, settings, tmp_path, arguments):
    (tmp_path / "portico.db").touch()
    result = portico(*arguments, **settings)
    assert result.returncode == 78, result.stderr
    assert has_only_error_lines(result, count=1)
    assert f"database.url: {tmp_path}/portico.db: the database has no schema; " in result.stderr
    assert files(tmp_path) == {}


def change_version(tmp_path, statement):
    with sqlite3.connect(tmp_path / "portico.db") as database:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize("arguments", COMMANDS_WITHOUT_MIGRATION)
def test_a_command_does_not_migrate_an_older_schema(portico, settings, tmp_path, arguments):
    assert portico("database", "migrate", **settings).returncode == 0
    change_version(tmp_path, "DELETE FROM schema_migrations WHERE version > 1")
    before = files(tmp_path)
    result = portico(*arguments, **settings)
    assert result.returncode == 78, result.stderr
    assert has_only_error_lines(result, count=1)
    assert "portico.db: the database has schema 1, this program needs " in result.stderr
    assert "`portico database migrate`" in result.stderr
    assert files(tmp_path) == before


@pytest.mark.parametrize("arguments", COMMANDS_WITHOUT_MIGRATION + [["serve"], ["database", "migrate"]])
def test_the_schema_of_a_newer_program_ends_with_78(portico, settings, tmp_path, arguments):
    assert portico("database", "migrate", **settings).returncode == 0
    change_version(tmp_path, "INSERT INTO schema_migrations VALUES (999, 0)")
    result = portico(*arguments, **settings)
    assert result.returncode == 78, result.stderr
    assert has_only_error_lines(result, count=1) and "the database has schema 999" in result.stderr


def test_check_only_reads_the_database(fresh_demo, portico):
    known = demo_settings(fresh_demo)
    fresh_demo.stop()
    before = files(fresh_demo.data)
    assert before
    result = portico("check", **known)
    assert "schema" not in result.stderr and "cannot be written" not in result.stderr
    assert files(fresh_demo.data) == before
    fresh_demo.start()


def tls_files(tmp_path):
    """Unusable pairs of certificate and key, and the setting that is named."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        certificate(tmp_path / name, name)
    (tmp_path / "empty.pem").touch()
    (tmp_path / "garbage.pem").write_text("no certificate")
    chain, key = tmp_path / "one/chain.pem", tmp_path / "one/key.pem"
    return [(tmp_path / "empty.pem", key, "https.certificate"), (tmp_path / "garbage.pem", key, "https.certificate"),
            (key, key, "https.certificate"), (chain, tmp_path / "two/key.pem", "https.key"),
            (chain, tmp_path / "empty.pem", "https.key"), (chain, tmp_path / "garbage.pem", "https.key")]


def test_check_reports_a_certificate_that_serve_refuses(portico, settings, tmp_path):
    assert portico("database", "migrate", **settings).returncode == 0
    for chain, key, setting in tls_files(tmp_path):
        tls = {"PORTICO_HTTPS_LISTEN": "127.0.0.1:0", "PORTICO_HTTP_LISTEN": "127.0.0.1:0",
               "PORTICO_ADMIN_LISTEN": "off", "PORTICO_HTTPS_CERTIFICATE": str(chain), "PORTICO_HTTPS_KEY": str(key)}
        serve, check = portico("serve", **settings | tls), portico("check", **settings | tls)
        assert serve.returncode == check.returncode == 78, (chain, key, check.stdout)
        assert serve.stderr == check.stderr and f"configuration: {setting} (" in check.stderr, check.stderr


def test_check_reports_templates_that_serve_refuses(portico, settings, tmp_path):
    assert portico("database", "migrate", **settings).returncode == 0
    (tmp_path / "templates").mkdir()
    for page in ("preauth.mustache", "page.mustache"):
        (tmp_path / "templates" / page).write_text("{{#open}}")
    templates = {"PORTICO_TEMPLATES_DIRECTORY": str(tmp_path / "templates"), "PORTICO_ADMIN_LISTEN": "off",
                 "PORTICO_HTTP_LISTEN": "127.0.0.1:0"}
    serve, check = portico("serve", **settings | templates), portico("check", **settings | templates)
    assert serve.returncode == check.returncode == 78, check.stdout
    assert serve.stderr == check.stderr and "templates.directory" in check.stderr


def test_check_reports_a_missing_database_with_other_problems(portico, settings, tmp_path):
    (tmp_path / "empty").mkdir()
    result = portico("check", **settings | {"TZDIR": str(tmp_path / "empty")})
    assert result.returncode == 78 and has_only_error_lines(result, count=2)
    assert "portico.db does not exist" in result.stderr and "tzdata" in result.stderr


def test_a_token_of_another_database_is_refused(fresh_demo, portico, tmp_path):
    """As if `token create` ran in another folder: the token would be valid and could not be revoked."""
    other = demo_settings(fresh_demo) | {"PORTICO_DATABASE_URL": f"sqlite://{tmp_path}/other.db"}
    assert portico("database", "migrate", **other).returncode == 0
    token = portico("token", "create", **other).stdout.strip()
    refused = fresh_demo.api("GET", "/captive/instances", token=token)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")


def unusable_files(tmp_path):
    """Settings with unusable files, and the expected error."""
    (tmp_path / "text.pem").write_text("no certificate")
    folder, absent, text = str(tmp_path), str(tmp_path / "absent"), str(tmp_path / "text.pem")
    https = {"PORTICO_HTTPS_LISTEN": "127.0.0.1:0", "PORTICO_HTTP_LISTEN": "127.0.0.1:0", "PORTICO_ADMIN_LISTEN": "off"}
    return [
        (https | {"PORTICO_HTTPS_CERTIFICATE": absent, "PORTICO_HTTPS_KEY": text}, "https.certificate", f"{absent} does not exist"),
        (https | {"PORTICO_HTTPS_CERTIFICATE": text, "PORTICO_HTTPS_KEY": absent}, "https.key", f"{absent} does not exist"),
        (https | {"PORTICO_HTTPS_CERTIFICATE": folder, "PORTICO_HTTPS_KEY": text}, "https.certificate", f"{folder} is a folder"),
        (https | {"PORTICO_HTTPS_CERTIFICATE": text, "PORTICO_HTTPS_KEY": text}, "https.certificate",
         f"{text} is not a readable certificate chain"),
        ({"PORTICO_OAUTH_CA_CERTIFICATE": absent}, "oauth.ca_certificate", f"{absent} does not exist"),
        ({"PORTICO_SMTP_URL": "smtp://mail.example.org", "PORTICO_SMTP_FROM": "wifi@example.org",
          "PORTICO_SMTP_CA_CERTIFICATE": absent}, "smtp.ca_certificate", f"{absent} does not exist"),
        ({"PORTICO_TEMPLATES_DIRECTORY": absent}, "templates.directory", f"{absent} does not exist"),
        ({"PORTICO_TEMPLATES_DIRECTORY": text}, "templates.directory", f"{text} is not a folder"),
        ({"PORTICO_PUBLIC_DIRECTORY": absent}, "public.directory", f"{absent} does not exist"),
        ({"PORTICO_DATABASE_URL": f"sqlite://{folder}"}, "database.url", f"{folder} is a folder"),
    ]


def test_an_unusable_file_is_reported_with_its_setting(portico, settings, tmp_path):
    for override, setting, cause in unusable_files(tmp_path):
        result = portico("serve", **settings | override)
        assert result.returncode == 78, (setting, result.stderr)
        assert has_only_error_lines(result, count=1), result.stderr
        assert setting in result.stderr and cause in result.stderr, result.stderr


@pytest.mark.parametrize("url", ["http://id.example.org/keys", "http://10.0.0.7/keys", "ftp://id.example.org/keys", "keys"])
def test_keys_of_an_external_issuer_require_tls(portico, settings, url):
    outside = {"PORTICO_API_JWKS_URL": url, "PORTICO_API_ISSUER": "https://id.example.org", "PORTICO_API_AUDIENCE": "portico"}
    result = portico("serve", **settings | outside)
    assert result.returncode == 78 and "api.jwks_url" in result.stderr


def test_migrating_twice_changes_nothing(portico, settings):
    assert portico("database", "migrate", **settings).returncode == 0
    again = portico("database", "migrate", **settings)
    assert again.returncode == 0 and "no changes" in again.stdout


def test_a_token_is_the_only_output_and_works_until_it_is_revoked(demo, portico):
    settings = demo_settings(demo)
    created = portico("token", "create", "--expires-in", "1h", **settings)
    assert created.returncode == 0, created.stderr
    token = created.stdout.removesuffix("\n")
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token)
    assert demo.api("GET", "/captive/instances", token=token).status_code == 200

    listed = portico("token", "list", **settings)
    assert claims(token)["jti"].lower() in listed.stdout and token not in listed.stdout

    assert portico("token", "revoke", claims(token)["jti"], **settings).returncode == 0
    # Another process revoked it: the portal rejects it within seconds.
    ask = lambda: demo.api("GET", "/captive/instances", token=token)
    assert eventually(lambda: ask().status_code == 401)
    assert ask().json()["type"] == "authentication_error"


def test_a_token_with_one_scope_may_only_read(demo, portico):
    token = portico("token", "create", "--scope", "captive:read", **demo_settings(demo)).stdout.strip()
    assert demo.api("GET", "/captive/instances", token=token).status_code == 200
    refused = demo.api("POST", demo.coupons_path(), {"count": 1, "minutes_valid": 5}, token=token)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_a_token_gives_access_to_its_workspace_only(demo, portico):
    token = portico("token", "create", "--workspace", "elsewhere", **demo_settings(demo)).stdout.strip()
    assert demo.api("GET", "/captive/instances", token=token).json() == []
    assert demo.api("GET", f"/captive/instances/{demo.coupon_instance_id}", token=token).status_code == 404


def test_revoking_an_unknown_token_ends_with_1(demo, portico):
    result = portico("token", "revoke", SITE, **demo_settings(demo))
    assert result.returncode == 1
    assert has_only_error_lines(result, count=1)


def test_the_router_script_names_this_portal_and_site(demo, portico):
    result = portico("router", "script", "--site", demo.site_id, **demo_settings(demo))
    assert result.returncode == 0, result.stderr
    assert f"{demo.portal_url}/hotspot/{demo.site_id}" in result.stdout
    assert "/ip hotspot" in result.stdout or "/ip/hotspot" in result.stdout


def test_the_router_script_allows_the_providers_in_use(demo, portico):
    real = {name: value for name, value in demo_settings(demo).items() if not name.startswith("PORTICO_OAUTH_")}
    script = portico("router", "script", "--site", demo.site_id, **real).stdout
    for host in ("accounts.google.com", "github.com", "login.microsoftonline.com"):
        assert f'"{host}"' in script or f"name={host}" in script, host
    for probe in ("connectivitycheck.gstatic.com", "www.google.com", "captive.apple.com"):
        assert probe not in script


def test_the_router_script_of_an_unknown_site_ends_with_1(portico, settings):
    assert portico("database", "migrate", **settings).returncode == 0
    result = portico("router", "script", "--site", SITE, **settings)
    assert result.returncode == 1
    assert has_only_error_lines(result, count=1)


def test_check_finds_no_problem_in_a_running_demo(fresh_demo, portico):
    """With its own demo, because other tests leave wrong integrations in the shared one."""
    result = portico("check", **demo_settings(fresh_demo))
    assert result.returncode == 0, result.stderr
    assert "http" in result.stdout, "a portal without TLS is a warning"


def test_check_reports_a_router_problem(portico, tmp_path, settings):
    with Demo(tmp_path / "data") as demo:
        known = demo_settings(demo)
    result = portico("check", **known)
    assert result.returncode == 1, "the demo's router does not run"
    assert has_only_error_lines(result) and demo.site_id in result.stderr
    assert demo.router_password not in result.stdout + result.stderr


def test_health_readiness_and_metrics_are_not_on_the_guest_listener(demo):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert requests.get(demo.admin_url + path, timeout=10).status_code == 200
        assert requests.get(demo.portal_url + path, timeout=10).status_code == 404
    assert "# TYPE" in requests.get(f"{demo.admin_url}/metrics", timeout=10).text


def test_no_secret_reaches_the_log(demo):
    guest, code = demo.guest(), demo.new_code()
    guest.enter(code)
    log = demo.log()
    assert code not in log
    assert base64.b64encode((demo.data / "secret.key").read_bytes()).decode() not in log


def test_files_with_secrets_are_readable_by_their_owner_only(demo):
    for name in ("demo.json", "secret.key"):
        assert os.stat(demo.data / name).st_mode & 0o077 == 0
