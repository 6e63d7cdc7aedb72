"""Adds to generated requests what a description cannot express: ids of existing resources, missing secrets, networks
that do not overlap, a picture. Only requests that should be valid are changed; invalid ones are sent as generated."""

import copy
import itertools
import os
import uuid

import requests
import schemathesis

from pictures import sign

PORTAL = os.environ["PORTICO_TEST_URL"]
CALLER = requests.Session()
CALLER.headers["Authorization"] = f"Bearer {os.environ['PORTICO_TEST_TOKEN']}"
MADE = {}
PICTURE = sign(200, 200)
FREE_NETWORKS = itertools.count()


def an_id(path, body) -> str:
    """The id of a resource that no generated request has deleted."""
    if path not in MADE or CALLER.get(f"{PORTAL}{path}/{MADE[path]}", timeout=10).status_code == 404:
        answer = CALLER.post(PORTAL + path, json=body, timeout=10)
        assert answer.status_code == 201, answer.text
        MADE[path] = answer.json()["id"]
    return MADE[path]


def fill_instance(body):
    if body.get("strategy") != "coupon" and ("strategy" in body or "auth_integration_id" in body):
        body["auth_integration_id"] = an_id("/captive/auth-integrations", {
            "name": "GitHub", "type": "github", "config": {"client_id": "a", "client_secret": "b"}})
        body["strategy"] = "oauth2"
    for site in body.get("sites", []):
        number = next(FREE_NETWORKS)
        site["id"] = str(uuid.UUID(int=number))
        site["subnets"] = [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}/32" for _ in site["subnets"][:1]]


def fill_schedule(body):
    if body.get("notification_group_id"):
        body["notification_group_id"] = an_id("/captive/notification-groups", {"name": "Empty"})


def fill_integration(body):
    body.get("config", {}).setdefault("client_secret", "hunter-2")


def fill_site(body):
    router = body.get("router") or {}
    if router.get("driver", "").startswith("routeros"):
        router["password"] = router.get("password") or "hunter-2"
    if router.get("driver") == "opennds":
        router["faskey"] = router.get("faskey") or "hunter-2"


FILL = {
    "createInstance": fill_instance, "updateInstance": fill_instance, "updateSite": fill_site,
    "updateAuthIntegration": fill_integration, "createCouponSchedule": fill_schedule,
    "updateCouponSchedule": fill_schedule,
}


@schemathesis.hook
def before_call(context, case, kwargs):
    name = case.operation.definition.raw.get("operationId")
    fill = FILL.get(name)
    is_right = case.meta is None or case.meta.generation.mode.is_positive
    if name == "uploadImage" and is_right:
        kwargs["files"] = {"file": ("picture.png", PICTURE, "image/png")}
    elif fill and is_right and isinstance(case.body, dict):
        case.body = copy.deepcopy(case.body)
        fill(case.body)
