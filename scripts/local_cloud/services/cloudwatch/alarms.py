"""Alarms: a second `terraform plan` must see what was applied."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import botocore.session
from botocore.model import ServiceModel

from local_cloud.services.query_protocol import request_members, xml_answer

_QUERY = "application/x-www-form-urlencoded"
_ALARM_OPERATIONS = ("PutMetricAlarm", "DescribeAlarms", "DescribeAlarmsForMetric")


@functools.cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def patch_alarms(app: Any, cloudwatch: Any) -> None:
    """Fault: the query protocol stores and describes alarms without half of their members.

    The JSON protocol has all of them, so these operations use it.
    """
    original = cloudwatch.handle_request

    async def handle_request(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:
        parameters = (
            parse_qs(body.decode(), keep_blank_values=True) if _QUERY in headers.get("content-type", "") else {}
        )
        action = parameters.get("Action", [""])[0]
        if action not in _ALARM_OPERATIONS:
            return await original(method, path, headers, body, query)
        operation = _model("cloudwatch").operation_model(action)
        members = json.dumps(request_members(operation, parameters)).encode()
        asked = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"GraniteServiceVersion20100801.{action}",
        }
        status, _, answer = await original(method, path, asked, members, {})
        said = json.loads(answer)
        for alarm in said.get("MetricAlarms", []):
            if alarm.get("ExtendedStatistic"):
                del alarm["Statistic"]
        if status >= 300:
            return cloudwatch._error(said["__type"], said["message"], status)
        return status, {"Content-Type": "text/xml"}, xml_answer(operation, said, cloudwatch.new_uuid())

    app.SERVICE_HANDLERS["monitoring"] = handle_request
