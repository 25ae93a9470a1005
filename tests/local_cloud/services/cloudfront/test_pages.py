"""Pages that CloudFront serves from a closed bucket, at an address that browsers of this machine find."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_cloud.services.cloudfront.pages import local_address

POLICY = "default-src 'none'; script-src 'self'"
BUCKET = "closed-page"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Unmoved(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Page:
    """A distribution in front of a bucket that only it may read, and only by TLS."""

    def __init__(self, cloud: Any) -> None:
        self.cloud = cloud
        cloudfront, s3 = cloud.client("cloudfront"), cloud.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="index.html", Body=b"<title>page</title>", ContentType="text/html")
        control = cloudfront.create_origin_access_control(
            OriginAccessControlConfig={
                "Name": BUCKET,
                "SigningProtocol": "sigv4",
                "SigningBehavior": "always",
                "OriginAccessControlOriginType": "s3",
            }
        )["OriginAccessControl"]["Id"]
        security = {"ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": POLICY}}
        headers = cloudfront.create_response_headers_policy(
            ResponseHeadersPolicyConfig={"Name": BUCKET, "SecurityHeadersConfig": security}
        )["ResponseHeadersPolicy"]["Id"]
        made = cloudfront.create_distribution(
            DistributionConfig={
                "CallerReference": BUCKET,
                "Comment": "",
                "Enabled": True,
                "DefaultRootObject": "index.html",
                "Origins": {
                    "Quantity": 1,
                    "Items": [
                        {
                            "Id": "page",
                            "DomainName": f"{BUCKET}.s3.{cloud.facts['region']}.amazonaws.com",
                            "OriginAccessControlId": control,
                            "S3OriginConfig": {"OriginAccessIdentity": ""},
                        }
                    ],
                },
                "DefaultCacheBehavior": {
                    "TargetOriginId": "page",
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                    "ResponseHeadersPolicyId": headers,
                },
            }
        )["Distribution"]
        self.domain: str = made["DomainName"]
        whole = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
        distribution = {"StringEquals": {"aws:SourceArn": made["ARN"]}}
        let_in = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject"}
        shut_out = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": whole}
        only_tls = {"Bool": {"aws:SecureTransport": "false"}}
        statements = [
            {**let_in, "Resource": whole[1], "Condition": distribution},
            {**shut_out, "Condition": only_tls},
        ]
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))

    def get(self, path: str, host: str) -> Answer:
        request = urllib.request.Request(f"{self.cloud.facts['endpoint']}{path}", headers={"Host": host})  # noqa: S310
        try:
            with urllib.request.build_opener(Unmoved).open(request, timeout=20) as response:
                status, said, body = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            status, said, body = error.code, error.headers, error.read()
        return Answer(status, {name.lower(): value for name, value in said.items()}, body)


@pytest.fixture(scope="module")
def page(cloud: Any) -> Page:
    return Page(cloud)


def test_the_local_address_of_a_page(page: Page) -> None:
    label = page.domain.removesuffix(".cloudfront.net")
    assert local_address(f"https://{page.domain}", 4566) == f"http://{label}.cloudfront.localhost:4566"
    assert local_address("https://data.example.com", 4566) == "https://data.example.com"


def test_a_page_is_served_with_its_headers(page: Page) -> None:
    host = local_address(f"https://{page.domain}", page.cloud.facts["port"]).removeprefix("http://")
    answer = page.get("/", host)
    assert (answer.status, answer.body) == (200, b"<title>page</title>")
    assert answer.headers["content-security-policy"] == POLICY
    assert page.get("/nothing.js", host).status == 403
    stranger = page.get("/", f"d0nothere.cloudfront.localhost:{page.cloud.facts['port']}")
    assert b"<title>page</title>" not in stranger.body


def test_awss_own_name_still_leads_to_https(page: Page) -> None:
    answer = page.get("/", page.domain)
    assert (answer.status, answer.headers["location"]) == (301, f"https://{page.domain}/")


def over_plain_http(request: Any, **_: Any) -> None:
    """The local cloud takes signed requests as HTTPS ones, unless they say otherwise."""
    request.headers["X-Forwarded-Proto"] = "http"


def test_others_do_not_read_the_bucket_without_tls(page: Page) -> None:
    cloud = page.cloud
    iam = cloud.client("iam")
    iam.create_user(UserName="plain-reader")
    rights = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}]
    document = json.dumps({"Version": "2012-10-17", "Statement": rights})
    iam.put_user_policy(UserName="plain-reader", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="plain-reader")["AccessKey"]
    s3 = boto3.client(
        "s3",
        endpoint_url=cloud.facts["endpoint"],
        region_name=cloud.facts["region"],
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    s3.meta.events.register("before-send.s3", over_plain_http)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=BUCKET, Key="index.html")
    assert page.get(f"/{BUCKET}/index.html", f"127.0.0.1:{cloud.facts['port']}").status == 403
