"""Reading documents: bytes in, Document out. One file a format, a registry by suffix."""

from rag.documents.registry import MAX_BYTES, SUFFIXES, read_document

__all__ = ["MAX_BYTES", "SUFFIXES", "read_document"]
