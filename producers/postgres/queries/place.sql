-- Where we are: the server, the database, its timeline, and what it has counted to.
SELECT cluster, database_id, timeline, next_transaction::text AS next_transaction, newest_id
FROM presently.place()
