"""S3 objects for COPY and UNLOAD, with the rights of the statement's role only."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.redshift.s3_files import S3Error

# Amazon Redshift, "Authorizing COPY and UNLOAD": the role's trust policy names the service.
TRUSTED_SERVICES = ("redshift.amazonaws.com", "redshift-serverless.amazonaws.com")
_SPOOLED = 8 * 1024 * 1024


class Roles(Protocol):
    """Where role sessions come from."""

    def session(self, role_arn: str, session_name: str, trusted: tuple[str, ...]) -> Mapping[str, str] | None:
        """Credentials (boto3.client keywords) of a session; None if the role may not be assumed."""


class RoleFiles:
    """An S3Files: each call signs with a session of the role, whose rights in S3 are enforced."""

    def __init__(
        self,
        roles: Roles,
        bucket_region: Callable[[str], str | None],
        endpoint: str,
        *,
        region: str,
        cluster_user_arn: str,
        default_role: str | None,
    ) -> None:
        self._roles = roles
        self._bucket_region = bucket_region
        self._endpoint = endpoint
        self._region = region
        self._cluster_user_arn = cluster_user_arn
        self._default_role = default_role

    def list(self, bucket: str, prefix: str, *, iam_role: str, region: str | None) -> list[str]:
        """The keys under a prefix, sorted."""
        client = self._client(bucket, iam_role, region)
        try:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return sorted(item["Key"] for page in pages for item in page.get("Contents", []))
        except ClientError as error:
            raise _s3_error(error) from error

    def open(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> BinaryIO:
        """An object as a stream."""
        client = self._client(bucket, iam_role, region)
        try:
            body = client.get_object(Bucket=bucket, Key=key)["Body"]
        except ClientError as error:
            raise _s3_error(error) from error
        spooled = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115 - COPY closes it
        shutil.copyfileobj(body, spooled)
        spooled.seek(0)
        return cast("BinaryIO", spooled)

    def write(self, bucket: str, key: str, body: bytes, *, iam_role: str, region: str | None) -> None:
        """Creates or replaces an object."""
        client = self._client(bucket, iam_role, region)
        try:
            client.put_object(Bucket=bucket, Key=key, Body=body)
        except ClientError as error:
            raise _s3_error(error) from error

    def delete(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> None:
        """Removes an object."""
        client = self._client(bucket, iam_role, region)
        try:
            client.delete_object(Bucket=bucket, Key=key)
        except ClientError as error:
            raise _s3_error(error) from error

    def _client(self, bucket: str, iam_role: str, region: str | None) -> Any:
        role = self._default_role if iam_role.lower() == "default" else iam_role
        if role is None:
            raise S3Error("The default IAM role is not set for the cluster")
        session = self._roles.session(role, "RedshiftIamRoleSession", TRUSTED_SERVICES)
        if session is None:
            raise S3Error(f"User {self._cluster_user_arn} is not authorized to assume IAM Role {role}")
        home = self._bucket_region(bucket)
        if home is not None and home != (region or self._region):
            raise S3Error(
                "S3ServiceException:The bucket you are attempting to access must be addressed using the specified "
                "endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect"
            )
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2})
        return boto3.client(
            "s3",
            endpoint_url=self._endpoint,
            region_name=region or self._region,
            aws_access_key_id=session["aws_access_key_id"],
            aws_secret_access_key=session["aws_secret_access_key"],
            aws_session_token=session["aws_session_token"],
            config=config,
        )


def _s3_error(error: ClientError) -> S3Error:
    """Redshift's form: S3ServiceException:<message>,Status <n>,Error <code>,..."""
    detail = error.response.get("Error", {})
    code = detail.get("Code", "Unknown")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = "Access Denied" if code == "AccessDenied" else detail.get("Message", "")
    return S3Error(f"S3ServiceException:{message},Status {status},Error {code},CanRetry 1")
