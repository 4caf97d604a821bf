-- A commit of the owner ($2) of the cursor named $1 that waits for the disk: all before it are there.
UPDATE presently.relay SET moved_at = now() WHERE name = $1 AND owner = $2
