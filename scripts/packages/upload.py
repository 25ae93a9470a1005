"""Uploads packages to S3 under the SHA-256 of their bytes, and writes the HCL that uses them.

A key never changes its bytes: a second upload finds the first, and every machine names the same object version.
Facts are from the S3 service model of botocore (GetObject, PutObject with IfNoneMatch and ChecksumSHA256).
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packages.sources import PackageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(?:/[A-Za-z0-9!_.*'()-]+)*", re.ASCII)
"""Characters that are safe in keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


@dataclass(frozen=True)
class Uploaded:
    """A package in a bucket, as the variable `package` of the modules takes it; `is_new`: this call wrote it."""

    bucket: str
    key: str
    version: str
    sha256: str
    is_new: bool

    def settings(self) -> dict[str, str]:
        """The attributes of `package`; sha256 is Base64."""
        return {
            "s3_bucket": self.bucket,
            "s3_key": self.key,
            "s3_object_version": self.version,
            "sha256": self.sha256,
        }


def s3_client(region: str | None) -> "S3Client":
    """A client of the default credentials; raises PackageError where boto3 is missing."""
    try:
        import boto3
    except ModuleNotFoundError as error:
        raise PackageError("--bucket: boto3 is not installed. Run `pip install boto3` for this Python.") from error
    return boto3.client("s3", region_name=region)


def check_prefix(prefix: str) -> str:
    """The prefix without slashes at its ends; raises PackageError."""
    plain = prefix.strip("/")
    if plain and not PREFIX.fullmatch(plain):
        raise PackageError(f"--prefix {prefix!r}: is not a safe key prefix. Use e.g. relay/packages.")
    return plain


def upload(s3: "S3Client", bucket: str, prefix: str, module: str, data: bytes) -> Uploaded:
    """Uploads a package unless the bucket has it; raises PackageError, also for a bucket without versioning."""
    digest = hashlib.sha256(data)
    key = "/".join(part for part in (prefix, module, f"{digest.hexdigest()}.zip") if part)
    sha256 = base64.b64encode(digest.digest()).decode()
    found = _existing(s3, bucket, key)
    if found is None:
        put = _put(s3, bucket, key, data, sha256)
        found = _existing(s3, bucket, key) if put is None else (put, data)
    if found is None:
        raise PackageError(f"s3://{bucket}/{key}: exists, but cannot be read. Allow s3:GetObject on it.")
    version, stored = found
    if stored != data:
        raise PackageError(f"s3://{bucket}/{key}: has other bytes than its name says. Delete it and run this again.")
    if version in ("", "null"):
        raise PackageError(f"s3://{bucket}: is not versioned, but Lambda pins a version. Turn versioning on.")
    return Uploaded(bucket, key, version, sha256, is_new=stored is data)


def _existing(s3: "S3Client", bucket: str, key: str) -> tuple[str, bytes] | None:
    """The version and the bytes of an object, None if it does not exist or cannot be read."""
    try:
        found = s3.get_object(Bucket=bucket, Key=key)
        return found.get("VersionId", ""), found["Body"].read()
    except Exception as error:
        # Without s3:ListBucket, S3 says AccessDenied of an object that does not exist.
        if _code(error) in {"NoSuchKey", "404", "AccessDenied", "403"}:
            return None
        raise _failed("GetObject", bucket, error) from error


def _put(s3: "S3Client", bucket: str, key: str, data: bytes, sha256: str) -> str | None:
    """The version that was written, None if somebody else has just written the object."""
    try:
        put = s3.put_object(
            Bucket=bucket, Key=key, Body=data, ContentType="application/zip", ChecksumSHA256=sha256, IfNoneMatch="*"
        )
    except Exception as error:
        if _code(error) in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
            return None
        raise _failed("PutObject", bucket, error) from error
    return put.get("VersionId", "")


def _code(error: Exception) -> str:
    """AWS's error code, empty for an error of another kind. botocore is imported only where it is installed."""
    response: Mapping[str, Any] = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def _failed(operation: str, bucket: str, error: Exception) -> PackageError:
    return PackageError(
        f"s3://{bucket}: {operation} failed: {error}. Check the bucket, the region and the credentials."
    )


def as_hcl(uploaded: Mapping[str, Uploaded]) -> str:
    """The variable `packages` of the root module. Each entry is the variable `package` of the module of its name."""
    lines = ["packages = {"]
    for module, one in sorted(uploaded.items()):
        lines.append(f"  {module} = {{")
        lines += [f"    {name:<17} = {_quoted(value)}" for name, value in one.settings().items()]
        lines.append("  }")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return json.dumps(text).replace("${", "$${").replace("%{", "%%{")
