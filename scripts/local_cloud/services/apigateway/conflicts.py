"""Routes and stages exist once in an API."""

from __future__ import annotations

from typing import Any


def patch_conflicts(apis: Any) -> None:
    """Fault: a second route with the same key, and a stage with a taken name, are created.

    AWS answers ConflictException (service model of botocore, CreateRoute and CreateStage).
    """
    create_route, create_stage = apis._create_route, apis._create_stage

    def route(api_id: str, data: dict[str, Any]) -> Any:
        key = data.get("routeKey", "$default")
        if any(route["routeKey"] == key for route in apis._routes.get(api_id, {}).values()):
            return apis._apigw_error("ConflictException", f"Route with key {key} already exists for this API", 409)
        return create_route(api_id, data)

    def stage(api_id: str, data: dict[str, Any]) -> Any:
        if data.get("stageName", "$default") in apis._stages.get(api_id, {}):
            return apis._apigw_error("ConflictException", "Stage already exists", 409)
        return create_stage(api_id, data)

    apis._create_route, apis._create_stage = route, stage
