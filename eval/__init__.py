"""The evaluation: questions, what is measured of the answers to them, and how weights are fitted."""
