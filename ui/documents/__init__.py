"""The documents in the browser: their table, what is taken in, what is taken out, whole texts."""
