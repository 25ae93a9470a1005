"""scripts/package --bucket: content-addressed keys, one version for all, and HCL that Terraform takes."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import hcl2
import pytest
from botocore.exceptions import ClientError
from hcl2.utils import SerializationOptions
from moto import mock_aws

from packages.command_line import main
from packages.sources import PackageError
from packages.upload import Uploaded, as_hcl, upload
from tests.scripts.packages.test_package import make_tree, run

BUCKET = "packages"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


def packages_of(text: str) -> dict[str, dict[str, str]]:
    plain = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)
    found: dict[str, dict[str, str]] = hcl2.loads(text, serialization_options=plain)["packages"]
    return found


def test_uploads_once_and_prints_the_hcl(s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--root", str(make_tree(tmp_path)), "--bucket", BUCKET, "--prefix", "/relay/packages/"]
    assert main(arguments) == 0
    first = capsys.readouterr()
    packages = packages_of(first.out)
    assert set(packages) == {"notifier", "scheduler"}
    for module, one in packages.items():
        stored = s3.get_object(Bucket=one["s3_bucket"], Key=one["s3_key"], VersionId=one["s3_object_version"])
        data = stored["Body"].read()
        assert one["s3_key"] == f"relay/packages/{module}/{hashlib.sha256(data).hexdigest()}.zip"
        assert one["sha256"] == base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert first.err.count("uploaded ") == 2
    assert not list(tmp_path.rglob("package.zip")), "an upload writes nothing here"

    assert main(arguments) == 0
    again = capsys.readouterr()
    assert again.out == first.out
    assert again.err.count("unchanged") == 2
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 2


def test_what_is_uploaded_is_what_is_built(s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_tree(tmp_path)
    assert main(["--root", str(tmp_path), "--bucket", BUCKET, "--module", "scheduler"]) == 0
    one = packages_of(capsys.readouterr().out)["scheduler"]
    assert main(["--root", str(tmp_path), "--module", "scheduler"]) == 0
    built = (tmp_path / "modules" / "scheduler" / "package.zip").read_bytes()
    assert s3.get_object(Bucket=BUCKET, Key=one["s3_key"])["Body"].read() == built


def test_a_bucket_without_versioning_is_refused(s3: Any) -> None:
    s3.create_bucket(Bucket="plain")
    with pytest.raises(PackageError, match=r"^s3://plain: is not versioned, .* Turn versioning on\.$"):
        upload(s3, "plain", "", "scheduler", b"zip")


def test_an_object_with_other_bytes_is_never_used(s3: Any) -> None:
    one = upload(s3, BUCKET, "", "scheduler", b"zip")
    s3.put_object(Bucket=BUCKET, Key=one.key, Body=b"other")
    with pytest.raises(PackageError, match=r"has other bytes than its name says\. Delete it"):
        upload(s3, BUCKET, "", "scheduler", b"zip")


class Racing:
    """S3 in which somebody else writes the object between the look and the write."""

    def __init__(self, s3: Any, *, may_read: bool) -> None:
        self.s3, self.may_read, self.version = s3, may_read, ""

    def get_object(self, **given: Any) -> Any:
        if self.version and not self.may_read:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")
        return self.s3.get_object(**given)

    def put_object(self, **given: Any) -> Any:
        assert given["IfNoneMatch"] == "*"
        self.version = self.s3.put_object(Bucket=given["Bucket"], Key=given["Key"], Body=given["Body"])["VersionId"]
        raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")


def test_of_two_uploads_at_once_both_name_the_same_version(s3: Any) -> None:
    racing: Any = Racing(s3, may_read=True)
    one = upload(racing, BUCKET, "", "scheduler", b"zip")
    assert (one.version, one.is_new) == (racing.version, False)


def test_an_object_that_cannot_be_read_is_named(s3: Any) -> None:
    racing: Any = Racing(s3, may_read=False)
    with pytest.raises(PackageError, match=r"exists, but cannot be read\. Allow s3:GetObject on it\.$"):
        upload(racing, BUCKET, "", "scheduler", b"zip")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["--bucket", "no-such"], 1, "scripts/package: s3://no-such: GetObject failed: "),
        (["--bucket", BUCKET, "--prefix", "a b"], 1, "--prefix 'a b': is not a safe key prefix."),
    ],
)
def test_what_fails_is_named(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, told: str
) -> None:
    assert main(["--root", str(make_tree(tmp_path)), *arguments]) == status
    said = capsys.readouterr()
    assert said.err.startswith("scripts/package: ")
    assert told in said.err
    assert said.out == ""


@pytest.mark.parametrize("arguments", [["--prefix", "a"], ["--region", "eu-west-1"], ["--bucket", "b", "--check"]])
def test_options_that_do_not_fit_are_refused(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "--bucket" in capsys.readouterr().err


def test_without_boto3_it_says_what_to_install(tmp_path: Path) -> None:
    done = run(make_tree(tmp_path), "--bucket", BUCKET)  # runs with the standard library only
    assert done.returncode == 1
    assert (
        done.stderr == "scripts/package: --bucket: boto3 is not installed. Run `pip install boto3` for this Python.\n"
    )


def test_the_hcl_is_formatted_and_quotes_what_terraform_would_read() -> None:
    text = as_hcl({"scheduler": Uploaded("b", "a${x}%{y}", "v", "s", is_new=True)})
    assert 's3_key            = "a$${x}%%{y}"' in text
    assert json.loads(json.dumps(packages_of(text)))["scheduler"]["s3_bucket"] == "b"
