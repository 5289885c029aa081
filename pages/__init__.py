"""Doors for people: the command line and the pages.

Reading order: links (what opens a page), told (what is said about a letter), doors (the blueprint and its headers), then the
pages (reading, letters, custom, mailbox, shopify, unsubscribe, health), then commands and `terminal/` (the command line, one file a noun).
"""
