"""Gazette: question answering over press articles, every statement tied to a verified quote."""

__version__ = "0.1.0"
