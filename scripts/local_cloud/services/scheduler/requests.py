"""Validates CreateSchedule and UpdateSchedule: botocore's model, the expression and the time zone."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, cast

import botocore.session
from botocore.model import ServiceModel, StructureShape

from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.wire.requests import check_members
from local_cloud.services.scheduler.cron import InvalidExpression
from local_cloud.services.scheduler.expressions import parse_expression, time_zones


@functools.cache
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("scheduler")


def check_schedule(operation: str, name: str, body: Mapping[str, Any]) -> None:
    """Raises ValidationError for a schedule that AWS refuses."""
    check_members(cast("StructureShape", _model().operation_model(operation).input_shape), {**body, "Name": name})
    zone = body.get("ScheduleExpressionTimezone") or "UTC"
    if zone not in time_zones():  # the text of AWS is not known
        raise ValidationError(f"Invalid Schedule Expression Timezone {zone}.")
    expression = body["ScheduleExpression"]
    try:
        parse_expression(expression, zone)
    except InvalidExpression as error:
        # The text was measured: https://github.com/localstack/localstack/issues/9284.
        raise ValidationError(f"Invalid Schedule Expression {expression}.") from error
