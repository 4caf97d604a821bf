-- Is there anything in the outbox that `seen` ($1) did not see? Takes the next batch's snapshot in
-- the same breath: exactly what this statement could see.
SELECT pg_current_snapshot()::text AS batch,
       EXISTS (
           SELECT FROM presently.outbox
           WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot)
              OR xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot)))
       ) AS anything
