-- Make this session ($2) the one that may move the cursor named $1, and read it.
UPDATE presently.relay SET owner = $2, moved_at = now() WHERE name = $1
RETURNING epoch, seen::text AS seen, batch::text AS batch, last_id,
          (SELECT system_identifier::text FROM pg_control_system()) AS cluster,
          current_database()::text AS database
