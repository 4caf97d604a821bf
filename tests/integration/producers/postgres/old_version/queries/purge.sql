-- Delete at most $2 rows that are published: exactly those that `seen` ($1) sees, nothing looser.
WITH published AS (
    SELECT id FROM presently.outbox
    WHERE xid < pg_snapshot_xmax($1::text::pg_snapshot)
      AND pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
    ORDER BY xid, id LIMIT $2
), gone AS (
    DELETE FROM presently.outbox AS o USING published AS p WHERE o.id = p.id RETURNING 1
)
SELECT count(*) FROM gone
