"""The Resource Groups Tagging API: what carries a tag."""
