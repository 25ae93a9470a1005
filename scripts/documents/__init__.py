"""Writes the tables of inputs and outputs into the documents."""
