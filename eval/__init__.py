"""The evaluation: questions, what is measured of the answers, and how weights are fitted."""
