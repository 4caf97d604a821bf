"""The relay's view of the outbox as it was with migration 0005. Never edited: a newer schema is held to it."""
