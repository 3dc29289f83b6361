"""Who may log in to the servers of the tests."""

PASSWORD = "four words that differ"
"""Everybody's."""
