"""How long the local Redshift takes to translate a statement whose tables are known."""

import itertools
import statistics
import time
from collections.abc import Sequence

from benchmarks.figure import Figure
from local_cloud.redshift.sql.analysis.catalog import Catalog
from local_cloud.redshift.sql.analysis.types import Type
from local_cloud.redshift.sql.context import Context
from local_cloud.redshift.translate import translate

ROUNDS = 20
_TABLES = {
    '"sales"': {
        "id": Type("int8"),
        "region": Type("varchar", 20),
        "day": Type("date"),
        "amount": Type("numeric", 12, 2),
        "quantity": Type("int4"),
    },
    '"regions"': {"region": Type("varchar", 20), "manager": Type("varchar", 40), "share": Type("numeric", 5, 4)},
}
STATEMENTS = [
    "SELECT id, amount FROM sales WHERE region = 'north' AND day >= '2024-01-01' ORDER BY id LIMIT 10",
    "SELECT region, SUM(amount) AS total, total / COUNT(*) AS mean FROM sales GROUP BY 1 HAVING COUNT(*) > 1",
    "SELECT s.region, manager, NVL(SUM(amount * share), 0) FROM sales s LEFT JOIN regions r ON r.region = s.region"
    " WHERE DATEDIFF(day, day, GETDATE()) < 90 GROUP BY 1, 2",
    "SELECT * FROM sales s QUALIFY ROW_NUMBER() OVER (PARTITION BY region ORDER BY amount DESC) <= 3",
    "WITH monthly AS (SELECT DATE_TRUNC('month', day) AS month, SUM(amount) AS total FROM sales GROUP BY 1)"
    " SELECT month, total, LAG(total) OVER (ORDER BY month) AS before, total - before AS change FROM monthly",
    "INSERT INTO regions SELECT DISTINCT region, 'nobody', 1.0 / 3 FROM sales WHERE region NOT IN ('south', 'east')",
    "UPDATE sales SET amount = amount * 1.19 FROM regions WHERE regions.region = sales.region AND share > 0.5",
    "CREATE TABLE copied DISTKEY (region) SORTKEY (day) AS SELECT region, day, amount / quantity AS price FROM sales",
]


def translation() -> Sequence[Figure]:
    """The median over STATEMENTS in processor time, since the machine also runs the deployment."""
    context = Context(Catalog(lambda _: _TABLES))
    durations = []
    for sql, number in itertools.product(STATEMENTS, range(ROUNDS + 1)):
        started = time.process_time()
        translate(sql, context)
        if number:  # the first round fills caches
            durations.append(time.process_time() - started)
    median = statistics.median(durations) * 1000
    return [Figure(f"a statement translated for PostgreSQL (median of {len(durations)})", f"{median:.1f} ms", "5 ms")]
