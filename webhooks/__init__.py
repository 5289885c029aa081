"""Doors for machines: raw bytes in, one durable row, an answer. Nothing is read, rendered or sent here."""
