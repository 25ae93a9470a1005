"""Files that land in S3 start loads: events, queue, function, manifest, statement, on the local cloud."""

from __future__ import annotations

from tests.e2e.files.landing import BUCKET, MAX_FILES, PREFIX, Landing


def test_a_burst_makes_one_load_for_each_max_files(landing: Landing) -> None:
    keys = [f"burst/{number:03d}.csv" for number in range(3 * MAX_FILES)]
    for key in keys:
        landing.put(key)
    landing.wait_for("burst", *keys)
    assert [len(files) for files in landing.manifests("burst")] == [MAX_FILES] * 3
    assert set(landing.loaded("burst").values()) == {1}


def test_quiet_files_are_loaded_and_others_are_not(landing: Landing) -> None:
    for key in ("quick/a.csv", "quick/sub/ü +&.csv", "quick/a.txt", "other/a.csv"):
        landing.put(key)
    landing.wait_for("quick", "quick/a.csv", "quick/sub/ü +&.csv")
    assert set(landing.loaded("quick")) == {"quick/a.csv", "quick/sub/ü +&.csv"}


def test_an_event_that_is_delivered_again_loads_nothing_again(landing: Landing) -> None:
    """The same object once more by hand; its version is known."""
    landing.put("quick/known.csv")
    landing.wait_for("quick", "quick/known.csv")
    answer = landing.invoke(action="run", load="quick", files=f"s3://{BUCKET}/quick/known")
    assert answer["state"] == "NOT_STARTED"
    assert "all 1 files were noted before" in answer["error"]
    assert landing.loaded("quick")["quick/known.csv"] == 1


def test_an_invocation_that_dies_while_it_notes_files(landing: Landing) -> None:
    """Its messages come again, and the batch that it left open is taken over after its lease."""
    with landing.cloud.kill("dynamodb:UpdateItem", when="before") as fired:
        landing.put("quick/killed.csv")
        landing.wait_for("quick", "quick/killed.csv")
        assert fired()
    assert landing.loaded("quick")["quick/killed.csv"] == 1


def test_a_file_that_cannot_be_noted_is_kept(landing: Landing) -> None:
    sqs = landing.cloud.client("sqs")
    sqs.send_message(QueueUrl=landing.queue("files"), MessageBody='{"action":"file","load":"gone","event":{}}')
    attributes = sqs.get_queue_attributes(QueueUrl=landing.queue("files"), AttributeNames=["RedrivePolicy"])
    assert f"{PREFIX}-scheduler-file-failures" in attributes["Attributes"]["RedrivePolicy"]
