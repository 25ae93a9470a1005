"""Tests of the Resource Groups Tagging API."""
