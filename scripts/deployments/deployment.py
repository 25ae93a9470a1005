"""The root module as a team calls it, applied to the local cloud with the taxi example."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from deployments.terraform import Terraform
from local_cloud.process import LocalCloud
from local_cloud.services.cloudfront.pages import local_address

PREFIX = "relay-demo"
BUCKET = "relay-demo-data"
COPY_ROLE = "relay-demo-copy"
READER = "reader@example.com"
FIRST_LOAD = "first_load"


@dataclass(frozen=True)
class LoadStarted:
    """A load that the scheduler started, as its log has it."""

    statement_id: str
    at: datetime


@dataclass
class Deployment:
    """A configuration in `folder` that calls the root module. `variables` override the values that the demo sets.

    `loads` are further loads, by name.
    """

    root: Path
    folder: Path
    cloud: LocalCloud
    prefix: str = PREFIX
    variables: Mapping[str, Any] = field(default_factory=dict)
    loads: Mapping[str, Any] = field(default_factory=dict)
    _outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def data_uri(self) -> str:
        """The S3 URI of the trips."""
        return f"s3://{BUCKET}/trips/"

    @property
    def terraform(self) -> Terraform:
        """Terraform in this folder, for the local cloud."""
        return Terraform(self.folder, self.cloud.environment)

    def upload(self, files: Sequence[Path]) -> int:
        """Uploads the files to S3, creates the role that COPY reads them with, and returns their size in bytes."""
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for file in files:
            s3.upload_file(str(file), BUCKET, f"trips/{file.name}")
        self._create_copy_role()
        return sum(file.stat().st_size for file in files)

    def apply(self, *, first_load: datetime | None = None) -> int:
        """Writes the configuration, applies it, and returns how many resources changed.

        With `first_load` nothing is refreshed: that would take longer than the change, and the load starts soon.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = not (self.folder / "main.tf.json").exists()
        (self.folder / "main.tf.json").write_text(json.dumps(self._configuration(first_load), indent=2))
        if fresh:
            self.terraform.init()
        changed = self.terraform.apply(*(["-refresh=false"] if first_load else []))
        self._outputs = self.terraform.outputs()["relay"]
        return changed

    @property
    def outputs(self) -> dict[str, Any]:
        """The root module's outputs since the last apply."""
        return self._outputs

    def invoke(self, function: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Invokes a function (`scheduler`, `notifier`) and returns its response, with `errorMessage` if it failed."""
        response = self.cloud.client("lambda").invoke(
            FunctionName=self._outputs["function_names"][function], Payload=json.dumps(payload).encode()
        )
        result: dict[str, Any] = json.loads(response["Payload"].read())
        return result

    def invoke_later(self, function: str, payload: Mapping[str, Any]) -> None:
        """Invokes a function asynchronously, as a schedule or a rule does."""
        self.cloud.client("lambda").invoke(
            FunctionName=self._outputs["function_names"][function],
            InvocationType="Event",
            Payload=json.dumps(payload).encode(),
        )

    def load_started(self, since: datetime) -> LoadStarted | None:
        """Returns the first load in the scheduler's log since then, None if there is none."""
        logs = self.cloud.client("logs")
        found = logs.filter_log_events(
            logGroupName=f"/aws/lambda/{self._outputs['function_names']['scheduler']}",
            startTime=int((since - timedelta(seconds=1)).timestamp() * 1000),
        )
        for event in found["events"]:
            line = _json(event["message"])
            if line.get("message") == "load started":
                return LoadStarted(line["statement_id"], datetime.fromisoformat(line["time"]))
        return None

    def ended(self, statement_id: str) -> dict[str, Any] | None:
        """Returns the scheduler's status_check of a statement once it has ended, else None; raises RuntimeError."""
        status = self.invoke("scheduler", {"action": "status_check", "statement_id": statement_id})
        if "errorMessage" in status:
            raise RuntimeError(status["errorMessage"])
        return status if status["status"] in ("FINISHED", "FAILED", "ABORTED") else None

    @property
    def page(self) -> str:
        """The page's address for a browser of this machine, without a slash at the end; empty without a console."""
        url = self._outputs.get("console_url")
        return local_address(url, self.cloud.ready["port"]) if url else ""

    def exports(self) -> dict[str, str]:
        """The variables that a shell needs: the cloud, the warehouse, and the root module's outputs."""
        ready = self.cloud.ready
        warehouse = {
            "REDSHIFT_CLUSTER": ready["cluster"],
            "REDSHIFT_DATABASE": ready["databases"][0],
            "REDSHIFT_USER": ready["admin"],
        }
        named = {
            name.upper(): value if isinstance(value, str) else json.dumps(value)
            for name, value in self._outputs.items()
            # What clients need of these two are outputs of their own.
            if value is not None and name not in ("gateway", "console")
        }
        page = {"CONSOLE_URL": self.page} if self.page else {}
        named["RELAY_NAME_PREFIX"] = self.prefix  # for scripts/relay loads
        return {**self.cloud.environment, **warehouse, **named, **page}

    def _configuration(self, first_load: datetime | None) -> dict[str, Any]:
        schedules = {"nightly": {"expression": "cron(0 3 * * ? *)", "timezone": "America/New_York"}}
        if first_load:
            schedules[FIRST_LOAD] = {"expression": f"at({first_load:%Y-%m-%dT%H:%M:%S})"}
        ready = self.cloud.ready
        relay = {
            "source": os.path.relpath(self.root, self.folder),
            "name_prefix": self.prefix,
            "redshift": {
                "database": ready["databases"][0],
                "cluster": {"identifier": ready["cluster"], "user": ready["admin"]},
            },
            "data": {
                "s3_uri": self.data_uri,
                "region": ready["region"],
                "copy_role": f"arn:aws:iam::{ready['account_id']}:role/{COPY_ROLE}",
                "gzip": True,
            },
            "loads": {"trips": {"sql": "CALL execute_elt_process()", "schedules": schedules}, **self.loads},
            "subscriptions": {"reader": {"protocol": "email", "endpoint": READER}},
            **self.variables,
        }
        return {"module": {"relay": relay}, "output": {"relay": {"value": "${module.relay}"}}}

    def _create_copy_role(self) -> None:
        iam = self.cloud.client("iam")
        iam.create_role(RoleName=COPY_ROLE, AssumeRolePolicyDocument=_policy(_allow("sts:AssumeRole", redshift=True)))
        objects = _allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")
        bucket = _allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
        iam.put_role_policy(RoleName=COPY_ROLE, PolicyName="read-trips", PolicyDocument=_policy(objects, bucket))


def _allow(action: str, resource: str | None = None, *, redshift: bool = False) -> dict[str, Any]:
    where = {"Resource": resource} if resource else {}
    who = {"Principal": {"Service": "redshift.amazonaws.com"}} if redshift else {}
    return {"Effect": "Allow", "Action": action, **where, **who}


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _json(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}
