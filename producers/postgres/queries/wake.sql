-- Whether writers are to notify from now on ($1); the trigger that does it is switched with it.
WITH told AS (
    UPDATE presently.wake SET notify = $1 WHERE name = 'main' AND notify <> $1
)
SELECT presently.wake_trigger($2)
