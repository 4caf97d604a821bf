-- Remember that the whole batch ($3) is published: from now on it is what we have seen.
UPDATE presently.relay
SET seen = $3::text::pg_snapshot, batch = NULL, last_id = 0, moved_at = now()
WHERE name = $1 AND owner = $2 RETURNING 1
