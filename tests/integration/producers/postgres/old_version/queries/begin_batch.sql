-- All ids of a batch, sorted once: visible in `batch` ($2), not in `seen` ($1), after `last_id` ($3).
-- Only the ids, so that a million rows cost a sort of eight megabytes. Each new transaction is
-- either younger than `seen` or was still running in it; a long one costs nothing.
DECLARE batch NO SCROLL CURSOR WITH HOLD FOR
SELECT id FROM presently.outbox
WHERE (xid >= pg_snapshot_xmax($1::text::pg_snapshot)
       OR xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot))))
  AND xid < pg_snapshot_xmax($2::text::pg_snapshot)
  AND pg_visible_in_snapshot(xid, $2::text::pg_snapshot)
  AND id > $3
ORDER BY id
