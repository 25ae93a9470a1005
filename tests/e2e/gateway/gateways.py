"""The gateway alone, as a team would take it into another repository, applied to the local cloud."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from deployments.sign_in import SignIn
from deployments.terraform import Terraform
from redshift_relay.gateway_client import GatewayClient, get_ticket
from tests.e2e.cloud import ROOT, Cloud, until
from tests.e2e.gateway.queries import GATE, QUERIES
from tests.e2e.iam_policies import OF_TESTS
from tests.e2e.locks import locked
from tests.unit.websocket_gateway.asyncapi import CheckedSocket
from websocket_gateway.questions.data_versions import RECENT_SECONDS

# What tests give the gateway's role, which itself lists no statements.
LIST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "redshift-data:ListStatements", "Resource": "*"}],
}
CHANGED = {"Source": "tests.gateway", "DetailType": "data changed", "Detail": "{}"}


@dataclass
class Gateways:
    """A gateway without sign-in (`open`) and one with tickets (`signed`), with the same kinds of queries."""

    cloud: Cloud
    outputs: dict[str, Any]
    sign_in: SignIn

    @classmethod
    def make(cls, cloud: Cloud, folder: Path) -> Gateways:
        """Applies modules/websocket_gateway twice, with the same queries."""
        cloud.query(f"CREATE TABLE {GATE} (i INTEGER)")
        sign_in = SignIn.create(cloud.local)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.tf.json").write_text(json.dumps(_configuration(folder, cloud, sign_in)))
        terraform = Terraform(folder, cloud.local.environment)
        terraform.init()
        terraform.apply()
        gateways = cls(cloud, terraform.outputs(), sign_in)
        for one in gateways.outputs.values():
            cloud.client("iam").put_role_policy(
                RoleName=one["role"]["name"], PolicyName=OF_TESTS, PolicyDocument=json.dumps(LIST)
            )
            cloud.query(f'GRANT SELECT ON {GATE} TO "{one["database_user"]}"')
        return gateways

    @cached_property
    def open(self) -> Stage:
        """The gateway that lets anybody in."""
        return Stage(self, self.outputs["open"])

    @cached_property
    def signed(self) -> Stage:
        """The gateway that takes tickets."""
        return Stage(self, self.outputs["signed"])

    def held_up(self) -> AbstractContextManager[None]:
        """The query `gated` does not end meanwhile."""
        return locked(self.cloud, GATE)


@dataclass(frozen=True)
class Stage:
    """One applied gateway."""

    gateways: Gateways
    outputs: dict[str, Any]

    @property
    def url(self) -> str:
        """Where clients connect."""
        return str(self.outputs["websocket_url"])

    @contextmanager
    def connected(self, token: str | None = None) -> Iterator[GatewayClient]:
        """A client whose messages are held to asyncapi.yaml, both ways; `token` gets it a ticket first."""
        ticket = get_ticket(self.outputs["ticket_url"], token) if token else None
        with GatewayClient.connect(self.url, ticket) as gateway:
            gateway.socket = CheckedSocket(gateway.socket)  # type: ignore[assignment]
            yield gateway

    def invoke(self, function: str, payload: object) -> Any:
        """Invokes a function (`socket`, `deliver`, `worker`); its answer, whose `errorMessage` tells of a failure."""
        answer = self.gateways.cloud.client("lambda").invoke(
            FunctionName=self.outputs["function_names"][function], Payload=json.dumps(payload).encode()
        )
        return json.loads(answer["Payload"].read())

    def invoke_async(self, function: str, payload: object) -> None:
        """Invokes a function as rules and functions do: with retries."""
        self.gateways.cloud.client("lambda").invoke(
            FunctionName=self.outputs["function_names"][function],
            InvocationType="Event",
            Payload=json.dumps(payload).encode(),
        )

    def sweep(self) -> dict[str, Any]:
        """What the sweep did; its schedule is disabled, so that it never comes in the moment in which a test looks."""
        answer: dict[str, Any] = self.invoke("deliver", {"action": "sweep"})
        return answer

    def sweep_on_schedule(self) -> str:
        """Lets Scheduler do it, by a schedule that fires once and else is the gateway's own; its name."""
        scheduler, once = self.gateways.cloud.client("scheduler"), f"once-{uuid4().hex[:8]}"
        group, name = self.outputs["sweep_schedule_name"].split("/")
        scheduler.create_schedule(
            GroupName=group,
            Name=once,
            ScheduleExpression=f"at({datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target=scheduler.get_schedule(GroupName=group, Name=name)["Target"],
        )
        return once

    def invocations(self, function: str) -> int:
        """How many invocations of a function have ended so far."""
        name = f"/aws/lambda/{self.outputs['function_names'][function]}"
        found = self.gateways.cloud.client("logs").get_paginator("filter_log_events")
        pages = found.paginate(logGroupName=name, filterPattern='"END RequestId"')
        return sum(len(page["events"]) for page in pages)

    def data_changed(self) -> int:
        """Tells that the data changed, and waits until the gateway has heard of it; the new data version."""
        before = self.version()
        self.gateways.cloud.client("events").put_events(Entries=[CHANGED])
        until(lambda: self.version() > before, "the new data version")
        time.sleep(2 * RECENT_SECONDS)  # for so long, questions may be asked of the version before
        return self.version()

    def version(self) -> int:
        """The data version."""
        item = self.item("VERSION", "CURRENT")
        return int(item["version"]["N"]) if item else 0

    def is_at_work(self) -> bool:
        """Whether messages are on their way that visit all live questions."""
        return "chain" in (self.item("TURN", "CURRENT") or {})

    def meta(self, run: str) -> dict[str, Any]:
        """The question of a run (`<question>.<version>.<attempt>`) as the table keeps it, in DynamoDB's form."""
        item = self.item(f"Q#{run.split('.')[0]}", "META")
        assert item
        return item

    def item(self, pk: str, sk: str) -> dict[str, Any] | None:
        """An item of the table, in DynamoDB's form."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found = self.gateways.cloud.client("dynamodb").get_item(TableName=self.outputs["table_name"], Key=key)
        item: dict[str, Any] | None = found.get("Item")
        return item

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """All items whose partition key starts so (`Q#`, `C#`, `T#`), in DynamoDB's form."""
        pages = (
            self.gateways.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs["table_name"])
        )
        return [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(prefix)]

    def let_time_pass(self, *, sort_key: str = "") -> None:
        """Whatever is pending is so since long ago, and leases have run out: the sweep looks after it.

        `sort_key`: only of items whose sort key starts so (`META`, `W#`).
        """
        self._long_ago("Q#", sort_key, "since", "lease", "pass_until", "connected_at")
        if not sort_key:
            self._long_ago("TURN", "", "lease")

    def let_connections_be_checked(self) -> None:
        """The sweep asks of all connections whether they are still there."""
        self._long_ago("C#", "", "since")

    def let_connections_end(self) -> None:
        """The time of all connections is over, as after two hours: what nobody has forgotten yet, the sweep does."""
        self._long_ago("C#", "", "since", "ends_at")

    def _long_ago(self, prefix: str, sort_key: str, *names: str) -> None:
        dynamodb = self.gateways.cloud.client("dynamodb")
        long_ago = {"N": str(int(time.time()) - 600)}
        for item in self.items(prefix):
            times = {name for name in names if name in item}
            if not times or not item["sk"]["S"].startswith(sort_key):
                continue
            with suppress(dynamodb.exceptions.ConditionalCheckFailedException):  # it was removed just now
                dynamodb.update_item(
                    TableName=self.outputs["table_name"],
                    Key={"pk": item["pk"], "sk": item["sk"]},
                    UpdateExpression="SET " + ", ".join(f"#{name} = :then" for name in sorted(times)),
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={f"#{name}": name for name in times},
                    ExpressionAttributeValues={":then": long_ago},
                )

    def as_role(self) -> Any:
        """A Data API client of the gateway's own role: to any other, its statements do not exist."""
        return self.gateways.cloud.as_role(self.outputs["role"])

    def statements(self, run: str = "") -> list[dict[str, Any]]:
        """The statements of the gateway, newest first, as ListStatements shows them; of one question or run."""
        prefix = f"{self.outputs['prefix']}/query/{run}"
        pages = self.as_role().get_paginator("list_statements").paginate(Status="ALL", StatementName=prefix)
        return [statement for page in pages for statement in page["Statements"]]

    def without_sweep(self) -> AbstractContextManager[None]:
        """The sweep does not come by itself meanwhile."""
        return self.gateways.cloud.schedule(self.outputs["sweep_schedule_name"], State="DISABLED")


def _configuration(folder: Path, cloud: Cloud, sign_in: SignIn) -> dict[str, Any]:
    def gateway(prefix: str, authorization: dict[str, Any], origins: list[str]) -> dict[str, Any]:
        return {
            "source": os.path.relpath(ROOT / "modules" / "websocket_gateway", folder),
            "check_queries": False,  # the tests create the tables later, and one query fails on purpose
            "name_prefix": prefix,
            "redshift": {
                "database": cloud.local.ready["databases"][0],
                "cluster": {"identifier": cloud.local.ready["cluster"]},
            },
            "authorization": authorization,
            "allowed_origins": origins,
            "groups_claim": "cognito:groups",
            "throttle": {"rate": 2000, "burst": 2000, "routes": {"$connect": {"rate": 2000, "burst": 2000}}},
            "data_version_events": {"tests": json.dumps({"source": [CHANGED["Source"]]})},
            "queries": {name: {"description": name, **query} for name, query in QUERIES.items()},
        }

    names = {"open": "gw-open", "signed": "gw-signed"}
    return {
        "module": {
            "open": gateway(names["open"], {"mode": "NONE"}, ["*"]),
            "signed": gateway(names["signed"], sign_in.authorization, ["https://page.example.com"]),
        },
        "output": {
            name: {"value": f'${{merge(module.{name}, {{ prefix = "{prefix}" }})}}'} for name, prefix in names.items()
        },
    }
