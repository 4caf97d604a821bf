-- How far the cursor named $1 has come for certain.
SELECT epoch, pg_snapshot_xmax(coalesce(batch, seen))::text AS reached
FROM presently.relay WHERE name = $1
