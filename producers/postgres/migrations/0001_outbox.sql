-- The outbox: what happened, written in the writer's own transaction and never changed afterwards.
-- One row is one event for one document. The relay reads it, publishes it, and purges it.
CREATE TABLE presently.outbox (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    document text NOT NULL,
    type     text NOT NULL,
    actor    text,
    data     jsonb NOT NULL DEFAULT '{}'
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_analyze_scale_factor = 0,
        autovacuum_analyze_threshold = 50000);

-- A batch is "visible now and not before", which is a question about transactions.
CREATE INDEX outbox_by_transaction ON presently.outbox (xid, id);

-- How far the relay has come. Rows are published in batches: everything visible in the snapshot
-- `batch` that was not visible in `seen`, in the order of `id`. All three are needed to go on after
-- a crash in the middle of a batch; with a new `batch` and an old `last_id` an event whose id is
-- lower but whose transaction committed later would be lost.
CREATE TABLE presently.relay (
    name     text PRIMARY KEY,
    epoch    text NOT NULL,            -- part of every event's id; a new one makes all ids new
    seen     pg_snapshot NOT NULL,     -- S1: everything visible in it is published
    batch    pg_snapshot,              -- S2: the batch being published, if one has begun
    last_id  bigint NOT NULL DEFAULT 0,  -- published of that batch: up to here
    owner    text,                     -- the relay session that may move this cursor
    moved_at timestamptz
) WITH (fillfactor = 10);

-- '3:3:' is a snapshot that sees nothing: the first ordinary transaction is number 3.
INSERT INTO presently.relay (name, epoch, seen)
VALUES ('main', left(replace(gen_random_uuid()::text, '-', ''), 8), '3:3:');

-- Publishing is open to whoever may use the database; everything else is the owner's.
GRANT USAGE ON SCHEMA presently TO PUBLIC;
