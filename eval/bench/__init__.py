"""Benchmarks: each prints a table with its ratio to a baseline of the same run."""
