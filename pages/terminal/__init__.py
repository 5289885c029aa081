"""The command line, one file a noun. Reading order: speaking (how things are said), then stores, deliveries, letters, approvals, running."""
