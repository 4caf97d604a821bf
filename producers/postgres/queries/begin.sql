-- Remember that a batch ($3) has begun, before anything of it is published, and wait until that is on
-- disk. With it is on disk what the batch can see: a writer with synchronous_commit = off may lose its
-- changes in a crash, but none that were published. And this transaction's number is: after a crash
-- none that the batch knows of is given again, which would look like a restore.
WITH lasting AS (SELECT set_config('synchronous_commit', 'on', true))
UPDATE presently.relay
SET batch = $3::text::pg_snapshot, last_id = 0, moved_at = now(),
    newest_id = greatest(newest_id, presently.newest_id())
FROM lasting WHERE name = $1 AND owner = $2 RETURNING 1
