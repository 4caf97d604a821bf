-- Make this session ($2) the one that may move the cursor named $1, and read it.
UPDATE presently.relay SET owner = $2 WHERE name = $1
RETURNING epoch, seen::text AS seen, batch::text AS batch, last_id, newest_id AS known_id,
          cluster, database_id, timeline, current_database()::text AS database,
          pg_snapshot_xmax(coalesce(batch, seen))::text AS reached
