"""What the functions are given that they cannot use: settings and events."""

import pytest

from relay.errors import InputError, SettingsError
from tests.unit.websocket_gateway.world import ENVIRONMENT, World
from websocket_gateway.settings import Settings


@pytest.mark.parametrize("value", ["x", "0", "{}", "null", "[1]", '["a", null]', "[" * 100_000])
@pytest.mark.parametrize("name", ["ALLOWED_ORIGINS", "CLAIMS", "URL_CREDENTIALS"])
def test_a_list_that_is_none(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_env(ENVIRONMENT | {name: value})


@pytest.mark.parametrize("value", ["x", "1.5", "-1", "1e3", "\u0663", " 7", "9" * 5000])
@pytest.mark.parametrize(
    "name", ["MAX_OPEN_REQUESTS", "MAX_MESSAGE_BYTES", "MAX_RUNNING_STATEMENTS", "MAX_RUNNING_PER_PERSON"]
)
def test_a_number_that_is_none(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: .* is not a whole number"):
        Settings.from_env(ENVIRONMENT | {name: value})


@pytest.mark.parametrize("event", [
    {}, {"detail": []}, {"source": "dbt"}, {"detail-type": "x"}, {"source": 7, "detail-type": "x"}, {"action": None},
    {"source": "dbt", "detail-type": "x", "detail": []}, {"source": " ", "detail-type": "x"},
])  # fmt: skip
def test_an_unknown_event_is_no_change_of_the_data(world: World, event: dict[str, object]) -> None:
    with pytest.raises(InputError):
        world.deliver(event)
    assert world.version() == 0


@pytest.mark.parametrize("questions", [None, "x", [7], [""]])
def test_cancels_of_no_questions(world: World, questions: object) -> None:
    with pytest.raises(InputError, match=r"^questions: "):
        world.deliver({"action": "cancel_unwanted", "questions": questions})
