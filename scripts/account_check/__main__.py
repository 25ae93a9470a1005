"""`scripts/acceptance`: applies everything in your AWS account against your warehouse, proves it, and removes it."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from account_check.leftovers import abandoned, remove_run, remove_tagged
from account_check.walk import remove, walk
from account_check.warehouse import UnsuitableWarehouse, Warehouse
from account_check.workspace import AlreadyRunning, earlier_runs, new_run, workspace
from deployments.output import Output
from deployments.terraform import TerraformError

ROOT = Path(__file__).resolve().parents[2]
PLAN = """\
This creates, in account {account}, region {region}, under a prefix of its own:
  5 Lambda functions, a WebSocket and an HTTP API, 2 DynamoDB tables, an SNS topic, SQS queues, EventBridge rules and
  schedules, IAM roles, alarms, a Cognito user pool, 2 S3 buckets and a CloudFront distribution;
and in database {database} of {warehouse}: 3 tables, a materialized view and a procedure in schema public.
It takes about 20 minutes, most of them for CloudFront, and removes all of it at its end, also after Ctrl-C.
All of it is billed by use and costs less than 0.10 USD; the warehouse costs what some 30 small statements cost there
(a Serverless workgroup that sleeps is woken, and bills at least 60 seconds each time)."""
FAILURES = (BotoCoreError, ClientError, TerraformError, UnsuitableWarehouse, TimeoutError, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 only if every line of the table held."""
    options = _parser().parse_args(arguments)
    if options.db_user and not options.cluster:
        _parser().error("--db-user can only be set together with --cluster")
    if options.db_user and options.secret_arn:
        _parser().error("set either --db-user or --secret-arn, not both")
    signal.signal(signal.SIGTERM, _interrupt)
    warehouse = Warehouse(options.cluster, options.db_user, options.workgroup, options.database, options.secret_arn)
    output = Output()
    try:
        with workspace(ROOT) as folder:
            return _check(folder, warehouse, output, ask=not options.yes)
    except AlreadyRunning as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _check(folder: Path, warehouse: Warehouse, output: Output, *, ask: bool) -> int:
    region = boto3.Session().region_name
    if not region:
        print("No region is set. Set AWS_REGION or the region of your profile.", file=sys.stderr)
        return 1
    try:
        account = boto3.client("sts").get_caller_identity()["Account"]
    except FAILURES as error:
        print(f"No AWS account can be reached: {error}", file=sys.stderr)
        return 1
    print(PLAN.format(account=account, region=region, database=warehouse.database, warehouse=warehouse.name))
    if ask and not _agrees():
        return 1
    try:
        _remove_earlier(folder, output)
    except FAILURES:
        return _verdict(output)
    run = new_run(folder, region, warehouse)
    try:
        walk(run, output)
    except KeyboardInterrupt:
        output.console.print("Interrupted: what was created is removed. This takes some minutes.")
    except Exception as error:
        if not output.failed:
            raise
        output.console.print(f"The walk ends here ({type(error).__name__}); what was created is removed.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave things behind
    try:
        remove(run, output)
    except Exception:
        output.console.print("Not everything could be removed. Run scripts/acceptance again: it starts with the rest.")
    return _verdict(output)


def _agrees() -> bool:
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print("Write --yes where nobody can be asked.")
        return False


def _remove_earlier(folder: Path, output: Output) -> None:
    for run in earlier_runs(folder):
        with output.stage(f"What run {run.prefix} left is removed") as stage:
            stage.problems += remove_run(run)
    for prefix in abandoned():
        with output.stage(f"What run {prefix} left is removed, found by its tags") as stage:
            stage.problems += remove_tagged(prefix)
            stage.result = "its objects in the warehouse, if any, go only with its folder in .acceptance"


def _verdict(output: Output) -> int:
    print(f"\n{output.markdown()}")
    return 1 if output.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/acceptance",
        description="Proves Redshift Relay in your AWS account, against your warehouse, and removes all of it again. "
        "Region and credentials as for any AWS client.",
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--cluster", metavar="NAME", help="a provisioned cluster")
    target.add_argument("--workgroup", metavar="NAME", help="a Serverless workgroup")
    parser.add_argument("--db-user", metavar="USER", help="a database user (default: the role's identity)")
    parser.add_argument("--database", metavar="NAME", required=True)
    parser.add_argument("--secret-arn", metavar="ARN", help="a secret with the warehouse's user name and password")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
