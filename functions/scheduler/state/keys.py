"""The keys of the table: built and read only here.

DEFINITION      <load>             a load, written by Terraform and only read here
LANES           <lane>             a lane: its head, and whether it is paused
LANE#<lane>     <place>            a waiting request of the lane, in the order of asking
LOAD#<load>     META               a load: what runs, whether it is paused, finished and failed runs
LOAD#<load>     O#<occurrence>     an occurrence: the request, its run, and how it ended
LOAD#<load>     C#<parameters>     the waiting occurrence that a newer one with these parameters replaces
TODO            <load>/<occurrence>  a run that has ended, for which something remains to be done
"""

import hashlib
from typing import NamedTuple

DEFINITIONS = "DEFINITION"
LANES = "LANES"
TODO = "TODO"
OCCURRENCES = "O#"
"""Prefix of the sort keys of a load's occurrences."""


class Key(NamedTuple):
    """Partition key and sort key of an item."""

    pk: str
    sk: str


def definition_key(load: str) -> Key:
    """The item of a definition."""
    return Key(DEFINITIONS, load)


def lane_key(lane: str) -> Key:
    """The item of a lane."""
    return Key(LANES, lane)


def queue_partition(lane: str) -> str:
    """The waiting requests of a lane."""
    return f"LANE#{lane}"


def place_key(lane: str, place: str) -> Key:
    """The item of a waiting request."""
    return Key(queue_partition(lane), place)


def load_partition(load: str) -> str:
    """A load and its occurrences."""
    return f"LOAD#{load}"


def load_key(load: str) -> Key:
    """The item of a load's state."""
    return Key(load_partition(load), "META")


def occurrence_key(load: str, occurrence: str) -> Key:
    """The item of an occurrence."""
    return Key(load_partition(load), f"{OCCURRENCES}{occurrence}")


def newest_key(load: str, parameters: str) -> Key:
    """The item that names the waiting occurrence with these parameters."""
    return Key(load_partition(load), f"C#{hashlib.sha256(parameters.encode()).hexdigest()[:32]}")


def todo_key(load: str, occurrence: str) -> Key:
    """The item of a run for which something remains to be done."""
    return Key(TODO, f"{load}/{occurrence}")
