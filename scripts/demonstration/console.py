"""The web console of the demo: its settings for Terraform, and the check that CloudFront serves it."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deployments.deployment import Deployment
from deployments.output import Output
from deployments.sign_in import SignIn
from local_cloud.process import LocalCloud


def settings(cloud: LocalCloud, sign_in: SignIn) -> dict[str, Any]:
    """Returns the root module's variable `console`."""
    host = urlsplit(cloud.ready["endpoint"]).netloc
    return {
        "title": "City Trips",
        "oidc": sign_in.oidc,
        "connect_sources": [f"ws://{host}", f"http://{host}"],  # the local API Gateway
        "wait_for_deployment": False,
    }


@dataclass(frozen=True)
class Served:
    """The response to a path of the page. The names of the headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def fetch(deployment: Deployment, path: str, *, host: str | None = None) -> Served:
    """Requests a path as a browser does, with the host in a header: not every resolver knows names below localhost."""
    named = {"Host": host or urlsplit(deployment.page).netloc}
    request = urllib.request.Request(f"{deployment.cloud.ready['endpoint']}{path}", headers=named)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the local cloud
            status, headers, body = response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers, error.read()
    return Served(status, {name.lower(): value for name, value in headers.items()}, body)


def run_stage(output: Output, deployment: Deployment, sign_in: SignIn) -> None:
    """Registers the page with the sign-in, and checks that it is served."""
    with output.stage("CloudFront serves the page") as stage:
        sign_in.allow_redirects_to(f"{deployment.page}/")
        stage.problems += problems(deployment)
        headers = "" if stage.problems else ", with the same security headers as on AWS"
        stage.result = f"{deployment.page}{headers}"


def problems(deployment: Deployment) -> Iterator[str]:
    """Yields what is wrong with the page as it is served."""
    index, config = fetch(deployment, "/"), fetch(deployment, "/config.json")
    if index.status != 200 or b"<title>" not in index.body:
        yield f"{deployment.page}/ responded with status {index.status}"
    policy = deployment.outputs["console"]["content_security_policy"]
    if index.headers.get("content-security-policy") != policy:
        yield f"Content-Security-Policy: {index.headers.get('content-security-policy')}, not {policy}"
    if config.status != 200:
        yield f"{deployment.page}/config.json responded with status {config.status}"
    elif json.loads(config.body)["endpoint"] != deployment.outputs["websocket_url"]:
        yield f"config.json names the endpoint {json.loads(config.body)['endpoint']}"
