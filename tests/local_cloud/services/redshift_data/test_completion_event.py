"""The event that a statement's end sends, and the statement's process."""

from __future__ import annotations

import time
from typing import Any

from tests.local_cloud.setting import Setting, invoke


def test_the_completion_event_reaches_a_function(setting: Setting) -> None:
    setting.completion_rule()
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    (event,) = setting.bodies()
    facts = setting.cloud.facts
    assert event["source"] == "aws.redshift-data"
    assert event["detail-type"] == "Redshift Data Statement Status Change"
    assert (event["account"], event["region"]) == (facts["account_id"], facts["region"])
    assert event["resources"] == [facts["cluster_arn"]]
    detail = event["detail"]
    assert detail.pop("expireAt") > time.time() + 23 * 3600
    assert detail.pop("redshiftQueryId") > 0
    assert detail == {
        "principal": f"arn:aws:sts::{facts['account_id']}:assumed-role/{setting.name}/{setting.name}",
        "statementName": "pre/load/x",
        "statementId": started,
        "state": "FINISHED",
        "rows": 1,
    }


def test_the_process_of_a_statement_is_the_session_of_its_system_rows(cloud: Any) -> None:
    cloud.run("CREATE TABLE loaded_with_pid (n INTEGER)")
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="pids")
    s3.put_object(Bucket="pids", Key="bad", Body=b"x\n")
    allowed = [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::pids/*"}]
    allowed.append({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::pids"})
    role = cloud.role("reads-pids", "redshift.amazonaws.com", *allowed)
    failed = cloud.run(f"COPY loaded_with_pid FROM 's3://pids/bad' IAM_ROLE '{role}'")
    assert failed["Status"] == "FAILED"
    rows = cloud.rows(f"SELECT COUNT(*) FROM sys_load_error_detail WHERE session_id = {failed['RedshiftPid']}")
    assert rows == [[1]]
