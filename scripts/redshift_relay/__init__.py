"""The client of a Redshift Relay deployment. It knows neither the demo nor the local cloud."""
