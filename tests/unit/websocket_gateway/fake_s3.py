"""An S3 bucket in memory: as much as kept answers need."""

import io
from typing import Any

from tests.unit.websocket_gateway.fake_warehouse import refusal


class Bucket:
    """An `s3` client with one bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **request: Any) -> Any:
        self.objects[request["Key"]] = request["Body"]
        return {}

    def get_object(self, **request: Any) -> Any:
        if request["Key"] not in self.objects:
            raise refusal(404, "NoSuchKey")
        return {"Body": io.BytesIO(self.objects[request["Key"]])}
