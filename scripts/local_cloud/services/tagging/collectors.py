"""GetResources: APIs of API Gateway and alarms of CloudWatch, beside what ministack knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def patch_collectors(tagging: Any, apis: Any, cloudwatch: Any) -> None:
    """Fault: GetResources leaves out the resources of API Gateway and CloudWatch.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
    """

    def alarms() -> Iterator[tuple[str, list[dict[str, str]]]]:
        existing = {alarm["AlarmArn"] for alarm in cloudwatch._alarms.values()}
        for arn, tags in cloudwatch._resource_tags.items():
            if arn in existing:
                yield arn, tagging._normalise_flat(tags)

    tagging._COLLECTORS["apigateway"] = lambda: (
        (arn, tagging._normalise_flat(tags)) for arn, tags in apis._api_tags.items() if tags
    )
    tagging._COLLECTORS["cloudwatch"] = alarms
