"""The shipped documents: press articles and briefings in five languages, with front matter."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""The folder to hand to ``gazette sync``; one sub-folder a language."""
