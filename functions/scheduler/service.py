"""The parts of the scheduler, joined for one invocation, and what is done at its end."""

from dataclasses import asdict
from functools import partial
from typing import Any

from relay.actions import Event, check_fields, text
from relay.bus import default_events_client, put_event
from relay.clients import default_sqs_client
from relay.data_api import DataApi
from relay.errors import InputError
from relay.log import log
from scheduler.ends.ends import Ends
from scheduler.ends.remaining import Remaining
from scheduler.files.files import Files
from scheduler.files.manifest import default_s3_client
from scheduler.files.table import FileTable
from scheduler.lanes.lanes import Lanes
from scheduler.loads.request import Kind, Request, StartedBy, check_name
from scheduler.measures import Measures
from scheduler.settings import Settings
from scheduler.starts.by_hand import ByHand
from scheduler.starts.requests import Asked, Requests
from scheduler.starts.triggers import Triggers
from scheduler.state.store import Store
from scheduler.state.table import Table, default_dynamodb_client
from scheduler.timers import Timers


class Service:
    """What one invocation works with. `finish` has to be called at its end."""

    def __init__(self, settings: Settings, api: DataApi | None = None) -> None:
        self.api = api or DataApi(settings.target)
        dynamodb = default_dynamodb_client()
        self.store = Store(Table(dynamodb, settings.table))
        self.timers = Timers(default_sqs_client(), settings.timers_url)
        self.ends = Ends(self.store, self.api, self.timers)
        self.lanes = Lanes(self.store, self.api, self.ends, self.timers, settings.name_prefix)
        self.requests = Requests(self.store, self.lanes, self.ends)
        table = FileTable(dynamodb, settings.table)
        self.files = Files(
            table, default_s3_client(), self.api, self.timers, self.store, self.requests.ask, settings.name_prefix
        )
        self.triggers = Triggers(self.store, self.requests)
        self.by_hand = ByHand(self.store, self.requests, self.lanes, self.ends)
        self.measures = Measures(self.store, settings.name_prefix)
        put = partial(put_event, default_events_client(), settings.event_bus)
        self.remaining = Remaining(self.store, self.requests, self.files, put, settings.name_prefix)

    def run_files(self, event: Event, request_id: str) -> dict[str, Any]:
        """Loads what was in a bucket before; what cannot be loaded is reported as a load that was not started."""
        check_fields(event, ("action", "load", "files"))
        load = check_name(text(event, "load"), "load")
        try:
            return self.files.run(load, text(event, "files", max_bytes=1100))
        except InputError as error:
            refused = self.requests.refuse(Request(load, request_id, StartedBy(Kind.HAND, "run")), error)
            return asdict(Asked.of(refused)) if refused else {}

    def sweep(self) -> dict[str, int]:
        """Looks after every lane found in the state, and does what dead invocations have left.

        Raises the first error after everything was tried.
        """
        errors: list[Exception] = []
        lanes = self.store.lanes()
        for lane in lanes:
            try:
                self.lanes.look(lane.name)
            except Exception as error:
                errors.append(error)
        for load, name in self.store.todo():
            if ended := self.store.occurrence(load, name):
                self.ends.noted.append(ended)
        try:
            self.files.sweep()
        except Exception as error:
            errors.append(error)
        try:
            self.measures.take()
        except Exception as error:
            errors.append(error)
        left = {ended.id for ended in self.ends.noted}
        self.finish(errors)
        return {"lanes": len(lanes), "ended": len(left)}

    def finish(self, errors: list[Exception] | None = None) -> None:
        """Starts what waits for the runs that have ended, and does what remains to be done for them.

        Raises the first error after everything was tried; the sweep tries again what failed.
        """
        errors = errors if errors is not None else []
        worked_off: set[str] = set()
        while self.ends.noted:
            ended = self.ends.noted.pop(0)
            if ended.id in worked_off:
                continue
            worked_off.add(ended.id)
            for step in (partial(self.lanes.start_after, ended), partial(self.remaining.work_off, ended)):
                try:
                    step()
                except Exception as error:
                    errors.append(error)
        for left in errors:
            log("ERROR", "left to the sweep", reason=str(left))
        if errors:
            raise errors[0]
