"""Who may log in: names, roles, passwords as hashes, sessions that expire."""
