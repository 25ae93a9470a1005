"""Every permission that files need: without it they are not loaded, with it they are."""

from __future__ import annotations

import pytest

from tests.e2e.cloud import until
from tests.e2e.files.landing import BUCKET, PREFIX, Landing
from tests.e2e.iam_policies import Permission, permitted, without

ROLE = "scheduler-statements"
SIDS = ("FilesQueue", "FilesReads", "FilesWrites", "Listing", "Manifests")
NOT_NEEDED_HERE = {
    ("FilesQueue", "sqs:DeleteMessage"),
    ("FilesQueue", "sqs:GetQueueAttributes"),
}


def _of_files(landing: Landing) -> dict[Permission, set[str]]:
    found = permitted(landing.cloud, PREFIX)
    return {permission: resources for permission, resources in found.items() if permission[1] in SIDS}


def test_the_permissions_of_files_are_known(landing: Landing) -> None:
    assert {(sid, action) for _, sid, action in _of_files(landing)} == {
        *NOT_NEEDED_HERE,
        *EVENTS,
        ("Listing", "s3:ListBucket"),
        ("Manifests", "s3:GetObject"),
        ("FilesWrites", "dynamodb:DeleteItem"),
    }


EVENTS = [
    ("FilesQueue", "sqs:ReceiveMessage"),
    ("FilesReads", "dynamodb:BatchGetItem"),
    ("FilesWrites", "dynamodb:PutItem"),
    ("FilesWrites", "dynamodb:UpdateItem"),
    ("Manifests", "s3:PutObject"),
]


@pytest.mark.parametrize(("sid", "action"), EVENTS)
def test_without_a_permission_files_wait(landing: Landing, sid: str, action: str) -> None:
    key = f"quick/{action.replace(':', '-')}.csv"
    sqs = landing.cloud.client("sqs")
    sqs.set_queue_attributes(QueueUrl=landing.queue("files"), Attributes={"VisibilityTimeout": "60"})
    ((permission, resources),) = [
        (permission, resources)
        for permission, resources in _of_files(landing).items()
        if permission[1:] == (sid, action)
    ]
    (resource,) = [one for one in resources if "manifests" in one or sid != "Manifests"]
    with without(landing.cloud, PREFIX, permission, resource):
        landing.put(key)
        if action == "sqs:ReceiveMessage":
            names = ["ApproximateNumberOfMessages"]
            until(
                lambda: (
                    sqs.get_queue_attributes(QueueUrl=landing.queue("files"), AttributeNames=names)["Attributes"][
                        names[0]
                    ]
                    != "0"
                ),
                "a message that nobody takes",
            )
        else:
            until(lambda: _denied(landing, action), f"a denial of {action}")
        assert key not in landing.loaded("quick")
    landing.wait_for("quick", key)
    assert landing.loaded("quick")[key] == 1


def test_without_the_listing_nothing_is_loaded_by_hand(landing: Landing) -> None:
    ((permission, resources),) = [
        (permission, resources) for permission, resources in _of_files(landing).items() if permission[1] == "Listing"
    ]
    (resource,) = resources
    with without(landing.cloud, PREFIX, permission, resource):
        answer = landing.invoke(action="run", load="quick", files=f"s3://{BUCKET}/quick/")
    assert answer["state"] == "NOT_STARTED"
    assert "cannot be listed" in answer["error"]


def _denied(landing: Landing, action: str) -> bool:
    group = landing.scheduler["log_group_name"]
    return any(
        f"not authorized to perform: {action}" in str(line.get("reason")) for line in landing.cloud.log_lines(group)
    )
