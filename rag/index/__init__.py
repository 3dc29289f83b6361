"""The index: a SQLite catalog that is the truth, and vector and word indexes derived from it."""
