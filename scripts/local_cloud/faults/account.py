"""What differs between AWS accounts, as tests set it: how long IAM propagates policies, and Lambda's concurrency."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Account:
    """The settings of the account.

    `policy_seconds`: how long a changed policy of a role takes until it is in effect.
    `lambda_concurrency`: the account's concurrency limit in this region.
    """

    policy_seconds: float = 0.0
    lambda_concurrency: int = 1000

    def change(self, **settings: float) -> None:
        """Sets the settings that are named; raises TypeError and ValueError."""
        changed = Account(**{**asdict(self), **settings})
        if changed.policy_seconds < 0 or changed.lambda_concurrency < 1:
            raise ValueError("policy_seconds must not be negative, and lambda_concurrency must be at least 1")
        self.policy_seconds, self.lambda_concurrency = float(changed.policy_seconds), int(changed.lambda_concurrency)

    def reset(self) -> None:
        """Back to an account that propagates at once and has Lambda's default limit."""
        self.change(**asdict(Account()))

    @property
    def state(self) -> dict[str, Any]:
        """The settings by name."""
        return asdict(self)
