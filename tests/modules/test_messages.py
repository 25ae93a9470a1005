"""What Terraform says about a mistake: where it is, the value that is wrong, and what to write instead.

The tests beside this file assert that a mistake is refused. These assert the words, for mistakes that people make most.
"""

import pytest

from tests.modules.conftest import ModuleTests

ROOT = """
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse", user = "loader" } }
  data        = { s3_uri = "s3://trips/yellow/", region = "us-east-1" }
"""
MISTAKES = "fixtures/queries/mistakes"
CASES = {
    "loads": (
        "../../modules/scheduler",
        """
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse" } }
  loads = {
    trips = {
      sql = "CALL a(:day); CALL b()"
      schedules = {
        nightly = { expression = "cron(30 2 * * *)", timezone = "Berlin" }
        hourly  = { expression = "rate(1 hours)" }
        weekly  = { expression = "cron(0 25 ? * MON *)" }
        daily   = { expression = "cron(0 2 * * * *)" }
      }
    }
    orders = { sql = "COPY orders FROM :manifest", files = { bucket = "landing", pattern = "orders/*" } }
    mart   = { statements = ["SELECT :day"], sql = "SELECT 1", after = ["trips", "orders", "marts", "stage"] }
    stage  = { sql = "CALL stage()", after = ["mart"] }
  }
""",
        [
            'loads.trips.schedules.nightly.expression: "cron(30 2 * * *)" has 5 fields instead of six. Use cron(',
            'loads.trips.schedules.nightly.timezone: "Berlin" is not an IANA time zone. Use e.g. "Europe/Berlin"',
            "loads.trips.sql: contains several statements. Use one statement, e.g. a CALL",
            "loads.trips.schedules.daily: gives no value to :day, which the SQL contains. Set parameters.day,",
            "loads.orders.sql: COPY takes no parameters. Build the statement in a stored procedure and CALL that:",
            "loads.mart.sql: sql and statements are both set. Set either sql (one statement) or statements",
            "loads.mart.statements: contain the parameter :day, but a transaction of several statements takes none.",
            'loads.mart.after: "marts" is not a load. Use "orders", "stage", "trips".',
            'loads.mart.after: the load comes after itself, by way of "stage", "mart".',
            'loads.trips.schedules.hourly.expression: "rate(1 hours)" has the wrong unit for 1. Use rate(1 hour).',
            '"cron(0 25 ? * MON *)" has an invalid hour, "25". Use 0-23, e.g. cron(0 2 * * ? *).',
            'sets day of month "*" and day of week "*". Use ? in exactly one of them, e.g. cron(0 2 * * ? *).',
        ],
    ),
    "files": (
        "../../modules/scheduler",
        """
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse" } }
  loads = {
    all    = { sql = "CALL a()", files = { bucket = "s3://landing", pattern = "*" } }
    orders = { sql = "COPY o FROM :manifest CSV", files = { bucket = "landing", pattern = "orders/*.csv" } }
    yearly = { sql = "CALL y(:manifest)", files = { bucket = "landing", pattern = "*/2026/*" } }
  }
""",
        [
            "loads.all.files: the SQL does not contain :manifest, which names the files to load. Use e.g. sql =",
            'loads.all.files.bucket: "s3://landing" is not the name of a bucket. Use the name alone, e.g. "landing".',
            "loads.all.expected_every_hours: is required with files",
            "loads.orders.sql: COPY takes no parameters.",
            "EXECUTE 'COPY t FROM ' || quote_literal(manifest)",
            'loads.yearly.files.pattern: "*/2026/*" and the pattern of load orders, "orders/*.csv", match the same keys'
            " in bucket landing, so that files would be loaded twice. Narrow one of them.",
        ],
    ),
    "subscriptions": (
        "../../modules/notifier",
        """
  name_prefix = "taxi"
  sources     = { dbt = { statement_name_prefixes = ["dbt"] } }
  subscriptions = {
    queue = { protocol = "sqs", endpoint = "https://sqs.us-east-1.amazonaws.com/111122223333/loads" }
    phone = { protocol = "sms", endpoint = "0301234567" }
  }
""",
        [
            'subscriptions.queue.endpoint: "https://sqs.us-east-1.amazonaws.com/111122223333/loads" is not an endpoint'
            ' of protocol sqs. Use e.g. "arn:aws:sqs:us-east-1:111122223333:loads".',
            'subscriptions.phone.endpoint: "0301234567" is not an endpoint of protocol sms. Use e.g. "+12065550100".',
        ],
    ),
    "queries": (
        "../../modules/websocket_gateway",
        """
  name_prefix     = "taxi"
  redshift        = { database = "dev", cluster = { identifier = "warehouse" } }
  authorization   = { mode = "NONE" }
  allowed_origins = []
  queries = {
    revenue = {
      sql            = "SELECT :day, :other"
      parameters     = { day = { type = "datum" }, month = { type = "month", default = "2015-13" } }
      allowed_groups = ["data team"]
      default        = true
      chart          = "pie"
      columns        = { fare = { format = "euro", decimals = 9 }, year = { role = "key", label = "" } }
    }
    trips = {
      sql     = "SELECT :day, :month, :week"
      default = true
      parameters = {
        day   = { type = "date", order = 1, latest = true }
        month = { type = "month", order = 1, values = { query = "months", column = "month" } }
        week  = { type = "date", values = { query = "trips", column = "week" } }
      }
    }
    fares = { sql = "SELECT :d", parameters = { d = { type = "date", values = { query = "days", column = "d" } } } }
    days  = { sql = "SELECT 1", allowed_groups = ["analysts"] }
  }
""",
        [
            'queries.revenue.parameters.day.type: "datum" is not supported. Use month, date, integer, number, text,'
            " choice or claim.",
            "queries.revenue.sql: uses :other, which is not declared. Add other to parameters.",
            "queries.revenue.parameters.month: is not used. Use :month in the sql or remove the parameter.",
            'queries.revenue.parameters.month.default: "2015-13" is not a valid month. Use e.g. "2015-01".',
            'queries.revenue.allowed_groups: "data team" cannot be found in a token.',
            "queries.revenue.default: is true for revenue and trips. Set it for one query only.",
            'queries.revenue.chart: "pie" is not supported. Use bars, line, table, figure or omit it.',
            'queries.revenue.columns.fare.format: "euro" is not supported. Use number or plain or percent.',
            "queries.revenue.columns.fare.decimals: 9 is out of range. Use a whole number from 0 to 8.",
            'queries.revenue.columns.year.role: "key" is not supported. Use measure or name.',
            "queries.revenue.columns.year.label: is blank. Omit it to show the name.",
            "queries.trips.parameters.day.order: 1 is also the order of month. Give each parameter an order",
            "queries.trips.parameters.day.latest: can only be set together with values.",
            'queries.trips.parameters.month.values.query: "months" is not a query of the catalog. Use the name of one,',
            'queries.trips.parameters.week.values.query: "trips" requires day, month, week. Use a query whose',
            'queries.fares.parameters.d.values.query: "days" is not allowed for everyone who may run fares.',
        ],
    ),
    "query_files": (
        "../..",
        f'{ROOT}\n  queries_directory = "{MISTAKES}"\n',
        [
            f"{MISTAKES}/trips.yaml: max_row is not a setting. Use allowed_groups, chart, columns,",
            f'{MISTAKES}/trips.yaml: max_rows "many" is not a number. Use e.g. max_rows: 100.',
            f'{MISTAKES}/trips.yaml: allowed_groups "analysts" is not a list of texts. Use e.g. allowed_groups:',
            f'{MISTAKES}/trips.yaml: parameters.day.type "datum" is not supported. Use month, date, integer,',
            f"{MISTAKES}/trips.yaml: parameters.month.min is not a setting. Use choices, claim, default,",
            f'{MISTAKES}/trips.yaml: parameters.month.max_length "long" is not a number.',
            f'{MISTAKES}/trips.yaml: default "perhaps" is not true or false. Use e.g. default: true.',
            f"{MISTAKES}/trips.yaml: columns.fare.currency is not a setting. Use decimals, format, label, role,",
            f"{MISTAKES}/trips.yaml: columns.trips is not a mapping of settings. Use e.g. trips: {{unit: $}}.",
            f'{MISTAKES}/trips.yaml: parameters.month.values {{"query":"months"}} is not a mapping of query and',
            f"{MISTAKES}/fares.yaml: is not a mapping of settings.",
            f'{MISTAKES}/zones.yaml: parameters ["month"] is not a mapping of parameters.',
            f"{MISTAKES}/lonely.sql: has no lonely.yaml.",
            f"{MISTAKES}/orphan.yaml: has no orphan.sql.",
            f"{MISTAKES}/old/tips.sql: would be ignored, because subfolders are not read.",
        ],
    ),
    "bad_yaml": (
        "../..",
        f'{ROOT}\n  queries_directory = "fixtures/queries/bad_yaml"\n',
        [
            'local.query_invalid_yaml_file is "fixtures/queries/bad_yaml/trips.yaml"',
            'Call to function "yamldecode" failed: on line 3, column 1: did not find expected',
        ],
    ),
    "versions": (
        "../../modules/warehouse_objects",
        """
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse" } }
  directory   = "fixtures/objects/twice"
""",
        ["directory: V01__b.sql and V1__a.sql have the same version. Give each V file a version of its own"],
    ),
    "subfolder": (
        "../../modules/warehouse_objects",
        """
  name_prefix = "taxi"
  redshift    = { database = "dev", cluster = { identifier = "warehouse" } }
  directory   = "fixtures/objects/subfolder"
""",
        ["directory: views/R__b.sql would not run, because subfolders are not read. Move the files into the folder"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_message_names_place_value_and_remedy(case: str, module_tests: ModuleTests) -> None:
    module, variables, expected = CASES[case]
    folder = module_tests.folder / f"message_{case}"
    folder.mkdir()
    (folder / "mistake.tftest.hcl").write_text(
        'mock_provider "aws" {\n  source = "./mocks"\n}\n\n'
        f'run "mistake" {{\n  command = plan\n\n  module {{\n    source = "{module}"\n  }}\n\n'
        f"  variables {{{variables}  }}\n}}\n",
        encoding="utf-8",
    )
    status, said = module_tests.run(f"message_{case}/mistake.tftest.hcl")
    assert status == 1, said
    words = " ".join(said.split())  # Terraform breaks lines
    for message in expected:
        assert message in words, said
