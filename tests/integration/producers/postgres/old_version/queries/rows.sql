-- The rows of one page, in order.
SELECT id, at, document, type, actor, data::text AS data
FROM presently.outbox WHERE id = ANY ($1::bigint[]) ORDER BY id
