"""The parts of the scheduler, joined for one invocation, and what is done at its end."""

from functools import partial

from relay.bus import default_events_client, put_event
from relay.data_api import DataApi
from relay.log import log
from scheduler.ends.ends import Ends
from scheduler.ends.remaining import Remaining
from scheduler.files_of_loads import FilesOfLoads, NoFiles
from scheduler.lanes.lanes import Lanes
from scheduler.measures import Measures
from scheduler.settings import Settings
from scheduler.starts.by_hand import ByHand
from scheduler.starts.requests import Requests
from scheduler.starts.triggers import Triggers
from scheduler.state.store import Store
from scheduler.state.table import Table, default_dynamodb_client
from scheduler.timers import Timers, default_sqs_client


class Service:
    """What one invocation works with. `finish` has to be called at its end."""

    def __init__(self, settings: Settings, api: DataApi | None = None) -> None:
        self.api = api or DataApi(settings.target)
        self.store = Store(Table(default_dynamodb_client(), settings.table))
        self.timers = Timers(default_sqs_client(), settings.timers_url)
        self.ends = Ends(self.store, self.api, self.timers)
        self.lanes = Lanes(self.store, self.api, self.ends, self.timers, settings.name_prefix)
        self.requests = Requests(self.store, self.lanes, self.ends)
        self.files: FilesOfLoads = NoFiles()
        self.triggers = Triggers(self.store, self.requests)
        self.by_hand = ByHand(self.store, self.requests, self.lanes, self.ends)
        self.measures = Measures(self.store, settings.name_prefix)
        put = partial(put_event, default_events_client(), settings.event_bus)
        self.remaining = Remaining(self.store, self.requests, self.files, put, settings.name_prefix)

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
        for load, name in list(self.store.todo()):
            if ended := self.store.occurrence(load, name):
                self.ends.noted.append(ended)
        try:
            self.measures.take()
        except Exception as error:
            errors.append(error)
        left = len(self.ends.noted)
        self.finish(errors)
        return {"lanes": len(lanes), "ended": left}

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
            for step in (partial(self.lanes.start, ended.lane), partial(self.remaining.work_off, ended)):
                try:
                    step()
                except Exception as error:
                    errors.append(error)
        for left in errors:
            log("ERROR", "left to the sweep", reason=str(left))
        if errors:
            raise errors[0]
