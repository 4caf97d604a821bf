-- How many rows wait (counted up to $4) and how old the oldest of these is, in milliseconds.
SELECT count(*) AS waiting,
       coalesce(extract(epoch FROM clock_timestamp() - min(at)) * 1000, 0)::bigint AS lag_ms
FROM (
    SELECT at FROM presently.outbox
    WHERE (xid >= pg_snapshot_xmax($1::text::pg_snapshot)
           OR xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot))))
      AND ($2::text IS NULL OR id > $3 OR NOT pg_visible_in_snapshot(xid, $2::text::pg_snapshot))
    LIMIT $4
) AS outstanding
