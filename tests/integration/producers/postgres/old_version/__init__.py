"""The relay's view of the outbox with migration 0005. Never edited: newer schemas are held to it."""
