"""Lambda's context object, as far as the functions use it."""

import itertools


class FakeContext:
    """What the functions use of Lambda's context; the time left runs down with every look at it."""

    def __init__(self, request_id: str = "req-1", times_left: tuple[int, ...] = (60_000,)) -> None:
        self.aws_request_id = request_id
        self._left = itertools.chain(times_left, itertools.repeat(times_left[-1]))

    def get_remaining_time_in_millis(self) -> int:
        return next(self._left)
