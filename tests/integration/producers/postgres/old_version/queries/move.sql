-- Remember that the batch ($3) is published up to $4. Only the owner may.
UPDATE presently.relay SET batch = $3::text::pg_snapshot, last_id = $4, moved_at = now()
WHERE name = $1 AND owner = $2 RETURNING 1
