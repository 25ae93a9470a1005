"""What a process of the deliver and the worker function needs, made once.

What deliveries do not need is imported where it is used: a cold start compiles what it imports.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from relay.actions import Context
from relay.clients import default_sqs_client
from relay.data_api import DataApi
from relay.metrics import metrics
from websocket_gateway.answers.answer_store import AnswerStore, default_s3_client
from websocket_gateway.catalog.catalog import Catalog
from websocket_gateway.connections.connections import Connections
from websocket_gateway.connections.persons import Persons
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.deliver_function import DeliverFunction, default_lambda_client
from websocket_gateway.delivery.answer_delivery import AnswerDelivery
from websocket_gateway.delivery.deliverer import Deliverer
from websocket_gateway.delivery.management_api import ManagementApi, default_management_client
from websocket_gateway.delivery.pass_delivery import PassDelivery
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.passes import Passes
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.ranges import Ranges
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.questions.run_slots import RunSlots
from websocket_gateway.questions.turns import Turns
from websocket_gateway.questions.unwanted_runs import UnwantedRuns
from websocket_gateway.settings import Settings
from websocket_gateway.storage.table import Table, default_dynamodb_client
from websocket_gateway.work_queue import WorkQueue

if TYPE_CHECKING:
    from websocket_gateway.delivery.data_changes import DataChanges
    from websocket_gateway.sweep import Sweep


@dataclass(frozen=True)
class Parts:
    """Everything that outlives an invocation."""

    settings: Settings
    table: Table
    questions: QuestionStore
    versions: DataVersions
    connections: Connections
    waiters: Waiters
    runs: RunCoordinator
    slots: RunSlots
    unwanted_runs: UnwantedRuns
    deliver_function: DeliverFunction
    catalog: Catalog
    passes: Passes
    ranges: Ranges
    turns: Turns
    queue: WorkQueue
    store: AnswerStore
    api: DataApi
    management: ManagementApi
    pool: ThreadPool

    def pass_delivery(self, context: Context) -> PassDelivery:
        """Delivers passes during one invocation."""
        delivery = AnswerDelivery(
            questions=self.questions,
            waiters=self.waiters,
            store=self.store,
            api=self.api,
            management=self.management,
            pool=self.pool,
            time_left=context.get_remaining_time_in_millis,
            errors=[],
            # Not the id of the invocation, which a second delivery of its event shares.
            owner=uuid.uuid4().hex,
        )
        return PassDelivery(self.passes, self.ranges, self.queue, self.deliver_function, delivery)

    def deliverer(self, context: Context) -> Deliverer:
        """Delivers during one invocation."""
        return Deliverer(self.versions, self.runs, self.deliver_function, self.catalog, self.pass_delivery(context))

    def sweep(self, deliverer: Deliverer) -> "Sweep":
        """One sweep."""
        from websocket_gateway.sweep import Sweep

        return Sweep(
            self.table,
            self.questions,
            self.versions,
            self.connections,
            self.waiters,
            self.runs,
            self.slots,
            self.unwanted_runs,
            self.deliver_function,
            self.queue,
            self.data_changes(deliverer),
            self.api,
            self.management,
            self.pool,
        )

    def data_changes(self, deliverer: Deliverer) -> "DataChanges":
        """Follows a change of the data."""
        from websocket_gateway.delivery.data_changes import DataChanges

        return DataChanges(self.table, self.questions, self.versions, self.turns, self.queue, self.runs, deliverer)


@cache
def parts() -> Parts:
    """Made at the first use; raises SettingsError."""
    settings = Settings.from_env()
    table = Table(default_dynamodb_client(), settings.table)
    questions, versions, api = QuestionStore(table), DataVersions(table), DataApi(settings.target)
    deliver_function = DeliverFunction(default_lambda_client(), settings.deliver_function)
    persons = Persons(table, settings.max_connections_per_person, settings.max_starts_per_person)
    connections = Connections(table, persons)
    slots = RunSlots(table, settings.max_running_statements, settings.max_running_per_person)
    waiters = Waiters(table, connections, settings.max_open_requests)
    runs = RunCoordinator(questions, versions, api, settings, deliver_function, slots, persons)
    return Parts(
        settings=settings,
        table=table,
        questions=questions,
        versions=versions,
        connections=connections,
        waiters=waiters,
        runs=runs,
        slots=slots,
        unwanted_runs=UnwantedRuns(questions, waiters, runs),
        deliver_function=deliver_function,
        catalog=Catalog(table, settings.name_prefix, settings.target),
        passes=Passes(table),
        ranges=Ranges(table),
        turns=Turns(table),
        queue=WorkQueue(default_sqs_client, settings.work_queue),
        store=AnswerStore(table, default_s3_client, settings.answers_bucket),
        api=api,
        management=ManagementApi(default_management_client(settings.management_endpoint)),
        pool=ThreadPool(),
    )


def timed(deliver: Callable[[], int]) -> int:
    """Delivers, and records how long it took and to how many clients."""
    began = time.monotonic()
    served = deliver()
    if served:
        metrics.record("DeliveryTime", time.monotonic() - began)
        metrics.add("Clients", served)
    return served
