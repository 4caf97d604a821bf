-- Remember where the cursor named $1 of $2 counts, when nobody had looked before.
UPDATE presently.relay SET cluster = $3, database_id = $4, timeline = $5
WHERE name = $1 AND owner = $2 AND cluster IS NULL
