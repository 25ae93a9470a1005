"""COPY and UNLOAD access S3 with the rights of their role."""

from __future__ import annotations

from typing import Any


def test_copy_reads_with_the_rights_of_its_role(cloud: Any) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="trips")
    s3.put_object(Bucket="trips", Key="in/a.psv", Body=b"1|x\n2|y\n")
    cloud.run("CREATE TABLE copied (a INT, b VARCHAR(5))")
    listing = {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::trips"}
    reading = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::trips/in/*"}
    good = cloud.role("copier", "redshift.amazonaws.com", listing, reading)
    foreign = cloud.role("foreign", "lambda.amazonaws.com", listing, reading)

    def copy(role: str, prefix: str = "in/") -> Any:
        return cloud.run(f"COPY copied FROM 's3://trips/{prefix}' IAM_ROLE '{role}' DELIMITER '|'")

    assert copy(good)["Status"] == "FINISHED"
    assert cloud.rows("SELECT a, b FROM copied ORDER BY a") == [[1, "x"], [2, "y"]]
    assert "is not authorized to assume IAM Role" in copy(foreign)["Error"]
    cloud.allow("copier", listing)
    assert "Access Denied" in copy(good)["Error"]
    cloud.allow("copier", reading)
    assert "Access Denied" in copy(good)["Error"]


def test_unload_writes_with_the_rights_of_its_role(cloud: Any) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="exports")
    listing = {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::exports"}
    writing = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::exports/out/*"}
    role = cloud.role("exporter", "redshift.amazonaws.com", listing, writing)

    def unload(prefix: str) -> Any:
        return cloud.run(f"UNLOAD ('SELECT 1 AS a') TO 's3://exports/{prefix}' IAM_ROLE '{role}' PARALLEL OFF")

    assert unload("out/")["Status"] == "FINISHED"
    assert s3.get_object(Bucket="exports", Key="out/000")["Body"].read() == b"1\n"
    assert "Access Denied" in unload("elsewhere/")["Error"]
