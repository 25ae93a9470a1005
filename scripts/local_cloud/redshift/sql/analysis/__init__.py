"""What a statement means: which relation a column belongs to, and the type of every expression.

PostgreSQL knows no precision and scale of `a / b`, no lateral aliases and no QUALIFY, so the statement is rewritten
before PostgreSQL sees it, and that needs types. Three ways were weighed:

- PostgreSQL's own Describe: it drops precision and scale of every operator and costs a round trip per expression.
- sqlglot's qualify and annotate_types: they know neither the types of Redshift's functions nor its precision rules, and
  they rewrite every name, which shows in errors and labels.
- A pass of our own, which is this package: one walk over the tree with Redshift's rules, one query of the catalog per
  statement that names tables. What it does not know has the type None and stays as written.

The catalog is asked each time instead of cached: the answer takes a fraction of a millisecond on the session's own
connection, and it is right inside a transaction, for temporary tables and after anyone's DDL.
"""
