"""IAM_ROLE and CREDENTIALS: the role whose rights COPY and UNLOAD have in S3.

Source: "Authorization parameters", Amazon Redshift Database Developer Guide. Keys, which are secrets, are refused.
"""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.words import Words

AUTHORIZATIONS = {"IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"}


def parse_role(name: str, words: Words) -> str:
    """The value of one of AUTHORIZATIONS: a role's ARN, or `default`."""
    if len(words.seen & AUTHORIZATIONS) > 1:
        raise SqlError(f"conflicting or redundant options: {name}")
    if name == "IAM_ROLE" and words.skip("DEFAULT"):
        return "default"
    if name not in {"IAM_ROLE", "CREDENTIALS"}:
        raise _key(words.command)
    role = words.string(name)
    if name == "CREDENTIALS":
        if not role.startswith("aws_iam_role="):
            raise _key(words.command)
        role = role.removeprefix("aws_iam_role=")
    if role != "default" and not role.startswith("arn:"):
        raise SqlError(f"Invalid IAM_ROLE '{role}': write an ARN or default")
    return role


def _key(command: str) -> SqlError:
    return SqlError(f"A key in {command} (use IAM_ROLE) is not supported")


def parse_location(command: str, uri: str) -> tuple[str, str]:
    """The bucket and the key of s3://bucket/key."""
    bucket, slash, key = uri[len("s3://") :].partition("/")
    if not uri.lower().startswith("s3://"):
        raise SqlError(f"{command} '{uri}': only s3:// is supported")
    if not bucket or not slash or not key:
        raise SqlError(f"{command} '{uri}': write s3://bucket/prefix")
    return bucket, key
