"""The page of the demo: what Terraform is told of it, and whether CloudFront serves it as it should."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from demonstration.output import Show
from deployments.deployment import Deployment
from deployments.sign_in import SignIn
from local_cloud.process import LocalCloud

_COLUMNS = {
    "total_fare": {"unit": "$"},
    "total_distance": {"unit": "mi"},
    "total_hours": {"unit": "h"},
    "avg_fare": {"label": "Average fare", "unit": "$"},
    "avg_distance": {"label": "Average distance", "unit": "mi"},
    "total_fare_per_month": {"label": "Total fare", "unit": "$", "sum": True},
    "total_distance_per_month": {"label": "Total distance", "unit": "mi", "sum": True},
}


def settings(cloud: LocalCloud, sign_in: SignIn) -> dict[str, Any]:
    """The root module's `console`."""
    host = urlsplit(cloud.ready["endpoint"]).netloc
    return {
        "title": "City Trips",
        "oidc": sign_in.oidc,
        "columns": _COLUMNS,
        "connect_sources": [f"ws://{host}", f"http://{host}"],  # where API Gateway is here
        "wait_for_deployment": False,
    }


@dataclass(frozen=True)
class Served:
    """What came for a path of the page; the names of the headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def fetch(deployment: Deployment, path: str, *, host: str | None = None) -> Served:
    """What a browser gets. Not every resolver knows names below localhost, as browsers do: the name stands in Host."""
    named = {"Host": host or urlsplit(deployment.page).netloc}
    request = urllib.request.Request(f"{deployment.cloud.ready['endpoint']}{path}", headers=named)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the local cloud
            status, headers, body = response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers, error.read()
    return Served(status, {name.lower(): value for name, value in headers.items()}, body)


def open_page(show: Show, deployment: Deployment, sign_in: SignIn) -> None:
    """Registers the page with the sign-in, and looks whether it is served."""
    with show.stage("CloudFront serves the page") as stage:
        sign_in.return_to(f"{deployment.page}/")
        stage.problems += problems(deployment)
        kept = "" if stage.problems else ", with the security headers that it has on AWS"
        stage.said = f"{deployment.page}{kept}"


def problems(deployment: Deployment) -> Iterator[str]:
    """What is wrong with the page as it is served; nothing if it is as it should."""
    index, config = fetch(deployment, "/"), fetch(deployment, "/config.json")
    if index.status != 200 or b"<title>" not in index.body:
        yield f"{deployment.page}/ answered {index.status}"
    policy = deployment.outputs["console"]["content_security_policy"]
    if index.headers.get("content-security-policy") != policy:
        yield f"Content-Security-Policy: {index.headers.get('content-security-policy')}, not {policy}"
    if config.status != 200:
        yield f"{deployment.page}/config.json answered {config.status}"
    elif json.loads(config.body)["endpoint"] != deployment.outputs["websocket_url"]:
        yield f"config.json leads to {json.loads(config.body)['endpoint']}"
