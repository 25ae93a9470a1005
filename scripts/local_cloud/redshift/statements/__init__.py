"""The kinds of statements: for each, how Redshift's statement becomes PostgreSQL's."""
