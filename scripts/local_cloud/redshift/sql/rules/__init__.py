"""Rules that change a syntax tree until PostgreSQL gives Redshift's answer: a module per subject.

A module offers NODES (by type of node) or FUNCTIONS (by lower-case name); rewrite.py collects them.
"""
