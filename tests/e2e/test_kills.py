"""Functions killed at any line: before and after each AWS call on their way, then tried again as Lambda would.

Whatever the moment: one load runs, its end is told, what waited behind it starts, and nothing is done twice; only a
notifier that dies between publishing and remembering may repeat itself once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.cloud import Cloud, Letter, until
from tests.e2e.lost_events import lost_load, only_by_hand, sweep
from tests.e2e.pipeline import GOOD_ROW, Pipeline, trips

FAILING = "trips that cannot be loaded"
PASSING = "an error that may pass"
SERIALIZATION = "ERROR: 1023 DETAIL: Serializable isolation violation on table"

CALLS = {
    # function: [(what happens, operation, which of them)], in the order in which the function makes the calls
    "scheduler": [
        *[("", "dynamodb:GetItem", nth) for nth in (1, 2, 5, 8)],
        ("", "dynamodb:TransactWriteItems", 1),  # asks
        ("", "dynamodb:Query", 1),  # what waits in the lane
        ("", "dynamodb:TransactWriteItems", 2),  # claims
        ("", "redshift-data:ExecuteStatement", 1),
        ("", "dynamodb:TransactWriteItems", 3),  # notes the statement
        ("", "redshift-data:DescribeStatement", 1),  # its end
        ("", "dynamodb:TransactWriteItems", 4),  # notes the end
        ("", "dynamodb:Query", 2),  # what starts next
        ("", "events:PutEvents", 1),
        ("", "dynamodb:TransactWriteItems", 5),  # nothing remains to be done
        (PASSING, "dynamodb:TransactWriteItems", 4),  # queues the next attempt
        (PASSING, "sqs:SendMessage", 1),
    ],
    "notifier": [
        ("", "dynamodb:PutItem", 1),  # claims
        ("", "sns:Publish", 1),
        ("", "dynamodb:PutItem", 2),  # remembers
        (FAILING, "dynamodb:BatchGetItem", 1),
        (FAILING, "redshift-data:DescribeStatement", 1),
        (FAILING, "redshift-data:ExecuteStatement", 1),  # asks why
        (FAILING, "sqs:SendMessage", 1),
        (FAILING, "redshift-data:DescribeStatement", 2),  # the question
        (FAILING, "redshift-data:GetStatementResult", 1),
        (FAILING, "dynamodb:PutItem", 1),
        (FAILING, "sns:Publish", 1),
        (FAILING, "dynamodb:PutItem", 2),
    ],
}
WHEN = ("before", "after")
READS = ("GetItem", "Query", "ListStatements", "DescribeStatement", "GetStatementResult", "BatchGetItem")


def kills(calls: Iterable[tuple[Any, ...]], operation: int) -> list[Any]:
    """Each call with both moments; `operation` says which part of a call is its name.

    A function that has only read is as far as before, so after a read is as good as before the next call.
    """
    long = pytest.mark.long
    return [
        pytest.param(*call, when, marks=long if when == "after" and call[operation].endswith(READS) else ())
        for call in calls
        for when in WHEN
    ]


@pytest.fixture(autouse=True, scope="module")
def _sweep_only_by_hand(pipeline: Pipeline) -> Iterator[None]:
    with only_by_hand(pipeline):
        yield


@pytest.fixture(autouse=True, scope="module")
def _messages_come_again_soon(pipeline: Pipeline) -> Iterator[None]:
    """A message whose function died comes again after the queue's visibility timeout, which is minutes."""
    sqs = pipeline.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{pipeline.prefix}-notifier-steps")["QueueUrl"]
    wanted = ["VisibilityTimeout"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


def _id(value: object) -> str:
    return str(value) or "a good load"


def told(cloud: Cloud, name: str) -> list[Letter]:
    return [letter for letter in cloud.letters(name) if letter.line("Name") == name]


def swept(pipeline: Pipeline) -> bool:
    """Sweeps; a sweep that is killed is made good by the next one."""
    return "errorMessage" not in sweep(pipeline)


@pytest.mark.parametrize(
    ("function", "what", "operation", "nth", "when"),
    kills([(function, *call) for function, calls in CALLS.items() for call in calls], operation=2),
    ids=_id,
)
def test_a_function_killed_at_a_call(
    pipeline: Pipeline, cloud: Cloud, function: str, what: str, operation: str, nth: int, when: str
) -> None:
    killed_function = pipeline.outputs["function_names"][function]
    kill = cloud.kill(operation, when=when, nth=nth, function=killed_function)
    files = {"bad.psv.gz": trips(GOOD_ROW, "x")} if what == FAILING else pipeline.files
    with pipeline.data(files), kill as killed:
        name = _passing(pipeline) if what == PASSING else pipeline.start()
        until(killed, f"{operation} number {nth} of {killed_function}")
        told_of = f"{name}/2" if what == PASSING else name
        until(lambda: swept(pipeline) and told(cloud, told_of), f"the letter about {name}")
        twice = (function, operation, when) in {("notifier", "sns:Publish", "after")} or (
            (function, operation, nth, when) == ("notifier", "dynamodb:PutItem", 2, "before")
        )
        if twice:
            until(lambda: len(told(cloud, told_of)) == 2, "the repetition")
    _nothing_more_comes(pipeline, cloud, told_of, 2 if twice else 1)
    assert len([one for one in pipeline.statements(name) if one["StatementName"] == name]) == 1
    letter = told(cloud, told_of)[-1]
    if what == FAILING:
        assert "bad.psv.gz, line 2" in letter.body
    else:
        assert "the data is ready" in letter.subject


def _passing(pipeline: Pipeline) -> str:
    """A run of the load `flaky`, whose first attempt fails for a passing reason."""
    pipeline.cloud.query("CREATE TABLE IF NOT EXISTS public.flaky_runs (n INT)")
    pipeline.cloud.query("DELETE FROM public.flaky_runs")
    pipeline.cloud.query(
        "CREATE OR REPLACE PROCEDURE public.flaky() AS $$ DECLARE runs INT; BEGIN "
        "SELECT INTO runs COUNT(*) FROM public.flaky_runs; "
        "IF runs = 0 THEN INSERT INTO public.flaky_runs VALUES (1); COMMIT; "
        f"RAISE EXCEPTION '{SERIALIZATION}'; END IF; END; $$ LANGUAGE plpgsql"
    )
    occurrence = uuid4().hex
    pipeline.invoke_async("scheduler", {"action": "run", "load": "flaky", "occurrence": occurrence})
    return pipeline.load_name("flaky", occurrence)


def _nothing_more_comes(pipeline: Pipeline, cloud: Cloud, name: str, most: int) -> None:
    """The sweep looks again: there is nothing left to tell, and the lane is free."""

    def settled() -> bool:
        lanes = pipeline.invoke("scheduler", {"action": "list"})["lanes"]
        return sweep(pipeline).get("ended") == 0 and all(lane["head"] is None for lane in lanes)

    until(settled, "the end of it")
    assert len(told(cloud, name)) == most


SWEEP_CALLS = [
    ("dynamodb:Query", 1),  # the lanes
    ("dynamodb:GetItem", 1),
    ("redshift-data:DescribeStatement", 1),
    ("dynamodb:TransactWriteItems", 1),
    ("events:PutEvents", 1),
    ("dynamodb:TransactWriteItems", 2),
]


@pytest.mark.parametrize(("operation", "nth", "when"), kills(SWEEP_CALLS, operation=0), ids=_id)
def test_a_sweep_killed_at_a_call(pipeline: Pipeline, cloud: Cloud, operation: str, nth: int, when: str) -> None:
    name, _ = lost_load(pipeline)
    with cloud.kill(operation, when=when, nth=nth, function=pipeline.outputs["function_names"]["scheduler"]) as killed:
        pipeline.invoke("scheduler", {"action": "sweep"})
        assert killed()
    until(lambda: swept(pipeline) and told(cloud, name), f"the letter about {name}")
    _nothing_more_comes(pipeline, cloud, name, 1)


REPEATED_CLAIM_CALLS = [("redshift-data:ListStatements", 1), ("redshift-data:ExecuteStatement", 1)]


@pytest.mark.parametrize(("operation", "nth", "when"), kills(REPEATED_CLAIM_CALLS, operation=0), ids=_id)
def test_a_sweep_killed_while_it_repeats_a_claim(
    pipeline: Pipeline, cloud: Cloud, operation: str, nth: int, when: str
) -> None:
    function = pipeline.outputs["function_names"]["scheduler"]
    with cloud.kill("redshift-data:ExecuteStatement", when="before", function=function) as killed:
        name = pipeline.start()
        until(killed, "the kill of the claim")
    with cloud.kill(operation, when=when, nth=nth, function=function) as killed:
        pipeline.invoke("scheduler", {"action": "sweep"})
        assert killed()
    until(lambda: swept(pipeline) and told(cloud, name), f"the letter about {name}")
    assert len(pipeline.statements(name)) == 1


HISTORY = "public.redshift_relay_history_relay_test"
OBJECTS_CALLS = [
    ("redshift-data:ExecuteStatement", 1),  # is there a history?
    ("redshift-data:DescribeStatement", 1),
    ("redshift-data:GetStatementResult", 1),
    ("redshift-data:ExecuteStatement", 2),  # what ran?
    ("redshift-data:GetStatementResult", 2),
    ("redshift-data:BatchExecuteStatement", 1),
]


@pytest.fixture
def table(cloud: Cloud, pipeline: Pipeline) -> Iterator[str]:
    name = f"killed_{uuid4().hex[:8]}"
    yield name
    cloud.query(f"DROP TABLE IF EXISTS public.{name}")
    cloud.query(f"DELETE FROM {HISTORY} WHERE file LIKE '%{name}%'")


def applied(pipeline: Pipeline, payload: dict[str, Any]) -> dict[str, Any]:
    """What an invocation applied; the files of other tests count as removed."""
    answer = pipeline.invoke("warehouse_objects", payload)
    answer.pop("removed", None)
    return dict(answer)


@pytest.mark.parametrize(("operation", "nth", "when"), kills(OBJECTS_CALLS, operation=0), ids=_id)
def test_objects_killed_at_a_call_are_made_by_the_next_apply(
    pipeline: Pipeline, cloud: Cloud, table: str, operation: str, nth: int, when: str
) -> None:
    """terraform apply fails when the function dies, and the next one invokes it again with the same input."""
    file = {"name": f"V990__{table}.sql", "sql": f"CREATE TABLE public.{table} AS SELECT 1 AS n"}
    payload = {"action": "apply_objects", "files": [file], "history_table": HISTORY}
    function = pipeline.outputs["function_names"]["warehouse_objects"]
    with cloud.kill(operation, when=when, nth=nth, function=function) as killed:
        died = pipeline.invoke("warehouse_objects", payload)
        assert "errorMessage" in died
        assert killed()
    until(lambda: not _running(pipeline, "objects"), "the end of what the dead one started")
    again = applied(pipeline, payload)
    made_before = operation == "redshift-data:BatchExecuteStatement" and when == "after"
    assert again == {"applied": [] if made_before else [file["name"]], "unchanged": int(made_before)}
    assert applied(pipeline, payload) == {"applied": [], "unchanged": 1}
    assert cloud.query(f"SELECT COUNT(*) AS n FROM public.{table}") == [{"n": 1}]
    found = cloud.query(f"SELECT COUNT(*) AS n FROM {HISTORY} WHERE file = '{file['name']}'")
    assert found == [{"n": 1}]


ALONE_CALLS = [
    ("redshift-data:BatchExecuteStatement", 1),  # notes that it begins
    ("redshift-data:ExecuteStatement", 3),  # begins, after two questions about the history
    ("redshift-data:BatchExecuteStatement", 2),  # notes that it ran
]


@pytest.mark.parametrize(("operation", "nth", "when"), kills(ALONE_CALLS, operation=0), ids=_id)
def test_a_file_that_runs_alone_runs_once_wherever_the_function_is_killed(
    pipeline: Pipeline, cloud: Cloud, table: str, operation: str, nth: int, when: str
) -> None:
    """Its history cannot be written in its transaction, but Redshift knows by the ClientToken what was begun."""
    cloud.query(f"CREATE TABLE public.{table} (n INT)")
    file = {"name": f"V991__{table}.sql", "sql": f"-- transaction: none\nINSERT INTO public.{table} VALUES (1)"}
    payload = {"action": "apply_objects", "files": [file], "history_table": HISTORY}
    with cloud.kill(operation, when=when, nth=nth, function=pipeline.outputs["function_names"]["warehouse_objects"]):
        assert "errorMessage" in pipeline.invoke("warehouse_objects", payload)
    until(lambda: not _running(pipeline, "objects"), "the end of what the dead one started")
    noted = (operation, nth, when) == ("redshift-data:BatchExecuteStatement", 2, "after")
    again = applied(pipeline, payload)
    assert again == {"applied": [] if noted else [file["name"]], "unchanged": int(noted)}
    assert applied(pipeline, payload) == {"applied": [], "unchanged": 1}
    assert cloud.query(f"SELECT COUNT(*) AS n FROM public.{table}") == [{"n": 1}]
    assert cloud.query(f"SELECT begun FROM {HISTORY} WHERE file = '{file['name']}'") == [{"begun": None}]


def _running(pipeline: Pipeline, kind: str) -> bool:
    ends = ("FINISHED", "FAILED", "ABORTED")
    return any(one["Status"] not in ends for one in pipeline.statements(f"{pipeline.prefix}/{kind}/"))


# --- the lists above are complete


def _allowed(pipeline: Pipeline) -> set[str]:
    """What the role may do, from the policies that Terraform applied."""
    iam, role = pipeline.cloud.client("iam"), pipeline.outputs["statement_role"]["name"]
    allowed: set[str] = set()
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        for statement in iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            allowed |= set([actions] if isinstance(actions, str) else actions)
    return allowed


NOT_ON_THE_WAY = {
    "redshift:GetClusterCredentials": "Redshift asks for it when a statement is submitted",
    "redshift-data:CancelStatement": "only when a statement takes longer than it may",
    "dynamodb:DeleteItem": "part of TransactWriteItems",
    "dynamodb:UpdateItem": "part of TransactWriteItems",
    "sqs:DeleteMessage": "Lambda itself, for the queues that invoke the functions",
    "sqs:GetQueueAttributes": "Lambda itself, for the queues that invoke the functions",
    "sqs:ReceiveMessage": "Lambda itself, for the queues that invoke the functions",
    "logs:CreateLogStream": "Lambda itself",
    "logs:PutLogEvents": "Lambda itself",
}


def test_every_call_that_the_role_may_make_is_killed_at(pipeline: Pipeline) -> None:
    killed_at = {operation for calls in CALLS.values() for _, operation, _ in calls}
    killed_at |= {operation for operation, _ in [*SWEEP_CALLS, *REPEATED_CLAIM_CALLS, *OBJECTS_CALLS]}
    killed_at -= {"dynamodb:TransactWriteItems"}  # IAM knows its parts only
    assert _allowed(pipeline) == killed_at | set(NOT_ON_THE_WAY)
