"""Answering: hits in, a stream of answer events out; nothing is cited that was not verified."""
