"""Logging in: the page for it, the guard before everything else, the count of failures."""
