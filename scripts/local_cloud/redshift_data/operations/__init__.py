"""The operations of the Data API, a module for one or for a few that belong together."""
