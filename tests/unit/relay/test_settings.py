"""Settings: what is missing or contradicts itself is named."""

import itertools

import pytest

from notifier.settings import Settings as NotifierSettings
from relay.errors import SettingsError
from relay.settings import Target, required, texts, whole_number
from scheduler.settings import Settings as SchedulerSettings
from tests.unit.websocket_gateway.world import ENVIRONMENT
from websocket_gateway.settings import Settings as GatewaySettings

MEMBERS = {
    "REDSHIFT_CLUSTER": ("ClusterIdentifier", "warehouse"),
    "REDSHIFT_WORKGROUP": ("WorkgroupName", "analytics"),
    "REDSHIFT_USER": ("DbUser", "loader"),
    "REDSHIFT_SECRET_ARN": ("SecretArn", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x"),
}
ALLOWED = {
    frozenset({"REDSHIFT_CLUSTER"}),
    frozenset({"REDSHIFT_CLUSTER", "REDSHIFT_USER"}),
    frozenset({"REDSHIFT_CLUSTER", "REDSHIFT_SECRET_ARN"}),
    frozenset({"REDSHIFT_WORKGROUP"}),
    frozenset({"REDSHIFT_WORKGROUP", "REDSHIFT_SECRET_ARN"}),
}
MIXES = [frozenset(mix) for size in range(5) for mix in itertools.combinations(MEMBERS, size)]


@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: "+".join(sorted(mix)) or "nothing")
def test_every_mix_of_targets(mix: frozenset[str]) -> None:
    env = {"REDSHIFT_DATABASE": "dev"} | {name: MEMBERS[name][1] for name in mix}
    if mix in ALLOWED:
        expected = {"Database": "dev"} | {MEMBERS[name][0]: MEMBERS[name][1] for name in mix}
        assert Target.from_env(env).arguments() == expected
    else:
        with pytest.raises(SettingsError, match="REDSHIFT_"):
            Target.from_env(env)


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({}, "REDSHIFT_DATABASE is not set"),
        ({"REDSHIFT_DATABASE": ""}, "REDSHIFT_DATABASE is not set"),
        ({"REDSHIFT_DATABASE": "dev"}, "set either REDSHIFT_CLUSTER or REDSHIFT_WORKGROUP"),
        (
            {"REDSHIFT_DATABASE": "dev", "REDSHIFT_WORKGROUP": "w", "REDSHIFT_USER": "u"},
            "REDSHIFT_USER can only be set together with",
        ),
        (
            {"REDSHIFT_DATABASE": "dev", "REDSHIFT_CLUSTER": "c", "REDSHIFT_USER": "u", "REDSHIFT_SECRET_ARN": "s"},
            "set either REDSHIFT_USER or REDSHIFT_SECRET_ARN",
        ),
    ],
)
def test_the_message_names_what_is_wrong(env: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Target.from_env(env)


def test_an_empty_variable_is_a_missing_one() -> None:
    env = {"REDSHIFT_DATABASE": "dev", "REDSHIFT_CLUSTER": "c", "REDSHIFT_WORKGROUP": "", "REDSHIFT_USER": ""}
    assert Target.from_env(env).arguments() == {"Database": "dev", "ClusterIdentifier": "c"}


def test_required() -> None:
    assert required("A", {"A": "x"}) == "x"
    with pytest.raises(SettingsError, match="A is not set"):
        required("A", {})


@pytest.mark.parametrize("missing", ["NAME_PREFIX", "EVENT_BUS", "LOADS_TABLE", "TIMERS_URL", "REDSHIFT_DATABASE"])
def test_the_scheduler_says_what_is_missing(missing: str) -> None:
    env = {
        "NAME_PREFIX": "taxi",
        "EVENT_BUS": "default",
        "LOADS_TABLE": "loads",
        "TIMERS_URL": "https://sqs/timers",
        "REDSHIFT_DATABASE": "dev",
        "REDSHIFT_CLUSTER": "warehouse",
    }
    target = Target("dev", cluster="warehouse")
    assert SchedulerSettings.from_env(env) == SchedulerSettings(
        "taxi", "default", "loads", "https://sqs/timers", target
    )
    with pytest.raises(SettingsError, match=f"{missing} is not set"):
        SchedulerSettings.from_env({name: value for name, value in env.items() if name != missing})


@pytest.mark.parametrize("missing", ["NAME_PREFIX", "TOPIC_ARN", "ANNOUNCEMENTS_TABLE"])
def test_the_notifier_says_what_is_missing(missing: str) -> None:
    env = {"NAME_PREFIX": "taxi", "TOPIC_ARN": "arn:aws:sns:eu-central-1:1:t", "ANNOUNCEMENTS_TABLE": "a"}
    assert NotifierSettings.from_env(env).target is None  # it may tell of the statements of others only
    with pytest.raises(SettingsError, match=f"{missing} is not set"):
        NotifierSettings.from_env({name: value for name, value in env.items() if name != missing})


def test_the_notifier_has_a_whole_target_or_none() -> None:
    env = {"NAME_PREFIX": "taxi", "TOPIC_ARN": "t", "ANNOUNCEMENTS_TABLE": "a", "REDSHIFT_DATABASE": "dev"}
    with pytest.raises(SettingsError, match="REDSHIFT_CLUSTER or REDSHIFT_WORKGROUP"):
        NotifierSettings.from_env(env)
    assert NotifierSettings.from_env(env | {"REDSHIFT_WORKGROUP": "w"}).target == Target("dev", workgroup="w")


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "1e3", "\u0661"])
def test_a_number_that_is_none_names_its_variable(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^MAX: '.*' is not a whole number$"):
        whole_number("MAX", {"MAX": value})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x", "^ORIGINS: 'x' is not JSON$"),
        ("0", r"^ORIGINS: '0' is not an array of text, e\.g\. \[\"a\"\]$"),
        ('"x"', "is not an array of text"),
        ("[1]", "is not an array of text"),
        ("", "^ORIGINS is not set$"),
    ],
)
def test_a_list_that_is_none_names_its_variable(value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        texts("ORIGINS", {"ORIGINS": value})


def test_numbers_and_lists() -> None:
    assert whole_number("MAX", {"MAX": "32768"}) == 32768
    assert texts("ORIGINS", {"ORIGINS": '["*"]'}) == ("*",)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALLOWED_ORIGINS", "x"), ("CLAIMS", "0"), ("URL_CREDENTIALS", "{}"), ("MAX_OPEN_REQUESTS", "x")],
)
def test_a_wrong_setting_of_the_gateway_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        GatewaySettings.from_env(ENVIRONMENT | {name: value})
