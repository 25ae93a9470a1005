"""COPY reads S3 with the rights of its role."""

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
