"""Redshift Serverless: what describes the workgroups and namespaces that this cloud has."""
