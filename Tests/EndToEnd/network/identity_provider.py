"""glewlwyd on the internet side of a guest network, where guests sign in as at Google."""

from playwright.sync_api import expect

from certificates import certificate
from glewlwyd import CLIENT, SECRET, Glewlwyd
from namespaces import PROVIDER_NAME
from portal import eventually

PERSON, PASSWORD = "admin", "password"


class IdentityProvider:
    """A running provider; leaving the `with` stops it. It listens on all addresses of the internet, so if a guest reaches it
    only by its own name, the gateway enforces that."""

    def __init__(self, network, *portals):
        self.node, self.portals = network.internet, portals
        self.folder = network.folder / "provider"
        self.folder.mkdir()
        self.url = f"https://{PROVIDER_NAME}"
        self.issuer = f"{self.url}/api/oidc"
        self.certificate, self.key = certificate(self.folder, PROVIDER_NAME)

    def __enter__(self):
        with Glewlwyd(self.folder) as glewlwyd:
            glewlwyd.set_up(*(f"{portal}/oauth/google/callback" for portal in self.portals), issuer=self.issuer)
        command = glewlwyd.command(
            port="443", bind_address='"0.0.0.0"', external_url=f'"{self.url}"', cookie_domain=f'"{PROVIDER_NAME}"', cookie_secure="1",
            use_secure_connection="true", secure_connection_pem_file=f'"{self.certificate}"',
            secure_connection_key_file=f'"{self.key}"', secure_connection_ca_file=f'"{self.certificate}"')
        self.process = self.node.start(*command, env=glewlwyd.environment)
        assert eventually(lambda: self.node.run("curl", "-s", "-f", "-k", f"{self.url}/config", check=False).returncode == 0), \
            self.node.log()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)

    @property
    def settings(self):
        """The portal's settings that replace Google by this provider."""
        return {"PORTICO_OAUTH_GOOGLE_ISSUER": self.issuer, "PORTICO_OAUTH_CA_CERTIFICATE": str(self.certificate)}

    @property
    def integration(self):
        return {"name": "Provider", "type": "google", "config": {"client_id": CLIENT, "client_secret": SECRET}}

    def opened(self, page):
        """Leaves the portal's page for the provider's."""
        page.get_by_role("button", name="Continue with Google").click()
        expect(page.get_by_role("heading", name="Please enter your login and password")).to_be_visible()
        assert page.url.startswith(f"{self.url}/login.html?")

    def sign_in(self, page):
        """Signs in on the provider's page."""
        page.get_by_label("Login").fill(PERSON)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="OK").click()
        page.get_by_role("button", name="Continue").click()

    def answers(self, device, name=PROVIDER_NAME) -> bool:
        """Whether the device reaches it, or the named server of the internet."""
        return device.get(f"https://{name}/config", "-4", "-k", "-o", "/dev/null")[0] == 200
