"""Conversations: stored with all that their answers rest on, reopened as they were, exported."""
