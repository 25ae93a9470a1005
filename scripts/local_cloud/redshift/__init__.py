"""The local Redshift: Redshift SQL on an embedded PostgreSQL. It knows neither the Data API nor ministack."""
