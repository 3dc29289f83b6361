"""Gazette for OpenAI-style clients: /v1/chat/completions and /v1/models."""
