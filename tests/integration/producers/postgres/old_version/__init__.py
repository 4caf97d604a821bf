"""The relay's view of the outbox with migration 0005. Never edited: new schemas are held to it."""
