"""What PostgreSQL would run and Redshift refuses: a module per subject, named after the page of the guide.

A module offers CHECKS by type of node; a check raises SqlError. unsupported.py has the constructs that are refused as
such; here are those that depend on what is around them.
"""
