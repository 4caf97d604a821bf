-- Where the relay's cursor counts: which server, which database, which course of its history.
-- After a restore, a failover or a move its numbers mean something else, or nothing.

-- Rather than let every writer queue up behind us: run it again when it is quieter.
SET LOCAL lock_timeout = '5s';

ALTER TABLE presently.relay
    ADD COLUMN cluster     text,                       -- system identifier; NULL: not looked at yet
    ADD COLUMN database_id bigint,                     -- a copy of a database has another one
    ADD COLUMN timeline    integer,                    -- a new one after each recovery or failover
    ADD COLUMN newest_id   bigint NOT NULL DEFAULT 0;  -- no id above it was given when we last began

-- The highest id that was given to a row of the outbox, committed or not; 0 for none.
CREATE FUNCTION presently.newest_id() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM presently.outbox_id_seq
$$;

-- What the numbers of this database count in, now.
CREATE FUNCTION presently.place(
    OUT cluster text, OUT database_id bigint, OUT timeline integer,
    OUT next_transaction xid8, OUT newest_id bigint
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT system_identifier::text FROM pg_control_system()),
           (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
           -- The control file learns of a new timeline only at the next checkpoint.
           ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer,
           pg_snapshot_xmax(pg_current_snapshot()), presently.newest_id()
$$;

-- The document templates under which a table is captured: one, or several.
CREATE FUNCTION presently.templates(tbl regclass) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_array_elements_text(
        CASE jsonb_typeof(to_jsonb(c.document)) WHEN 'array' THEN to_jsonb(c.document)
             ELSE jsonb_build_array(c.document) END)
    FROM presently.captured AS c WHERE c.tbl = templates.tbl
$$;

-- The lists of all collections that rows of a captured table are told in. Where the collection
-- depends on the row ('{tenant}.article.{id}'), those of the rows there are.
CREATE FUNCTION presently.lists(tbl regclass) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    list   text;
    pieces text[];
    asked  text;
BEGIN
    FOR list IN SELECT regexp_replace(t, '\.(\{[^{}]*\}|[^.{}])*$', '') || '.~'
                FROM presently.templates(lists.tbl) AS t LOOP
        IF position('{' IN list) = 0 THEN
            RETURN NEXT list;
            CONTINUE;
        END IF;
        pieces := regexp_split_to_array(list, '[{}]');
        asked := (SELECT string_agg(format('%1$L, %1$I', pieces[n]), ', ')
                  FROM generate_series(2, cardinality(pieces), 2) AS n);
        RETURN QUERY EXECUTE format(
            'SELECT DISTINCT document FROM (SELECT presently.document_of(%L, fields) AS document '
            'FROM (SELECT DISTINCT jsonb_build_object(%s) AS fields FROM %s) AS f) AS d '
            'WHERE document <> ''''', pieces, asked, lists.tbl);
    END LOOP;
END $$;

-- Nobody can say what readers have missed, or have seen that is not so: all ids begin anew (a new
-- epoch), every document of a captured table is to be loaded anew, and what still waits in the
-- outbox is published. The relay calls it when it finds itself in another place; call it yourself
-- after you put a copy of the files of a running server back while no relay ran. Returns how many
-- collections were told. Open to who may move the relay's cursor.
CREATE FUNCTION presently.resync() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was  presently.relay;
    here record;
    told bigint;
BEGIN
    IF NOT has_table_privilege(session_user, 'presently.relay', 'UPDATE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = format('%I may not move the relay''s cursor', session_user);
    END IF;
    SELECT * INTO STRICT was FROM presently.relay WHERE name = 'main' FOR UPDATE;
    SELECT * INTO here FROM presently.place();

    -- Transaction numbers may be another server's, and then a new row may look like one that was
    -- published. So what goes must be older than the cursor by the clock, too.
    DELETE FROM presently.outbox AS o
    WHERE o.at <= was.moved_at
      AND (pg_visible_in_snapshot(o.xid, was.seen)
           OR (o.id <= was.last_id AND pg_visible_in_snapshot(o.xid, was.batch)));
    -- Numbers that this server has not come to yet would hide their rows until it does.
    UPDATE presently.outbox SET xid = pg_current_xact_id()
    WHERE xid >= pg_snapshot_xmax(pg_current_snapshot());
    -- An id that a waiting row has must not be given again: its writer would fail.
    IF here.newest_id < (SELECT max(id) FROM presently.outbox) THEN
        PERFORM setval('presently.outbox_id_seq', (SELECT max(id) FROM presently.outbox));
    END IF;

    INSERT INTO presently.outbox (document, type)
    SELECT DISTINCT list, 'presently.resync'
    FROM presently.captured AS c, presently.lists_safely(c.tbl) AS list;
    GET DIAGNOSTICS told = ROW_COUNT;
    UPDATE presently.relay
    SET epoch = left(replace(gen_random_uuid()::text, '-', ''), 8),
        seen = '3:3:', batch = NULL, last_id = 0, newest_id = presently.newest_id(),
        owner = NULL,  -- whoever relays now must look at the cursor again
        cluster = here.cluster, database_id = here.database_id, timeline = here.timeline
    WHERE name = 'main';
    RETURN told;
END $$;

-- The same as lists(); a table that is gone or cannot be read keeps nobody else from being told.
CREATE FUNCTION presently.lists_safely(tbl regclass) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM presently.lists(lists_safely.tbl);
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'the collections of % cannot be told: %', lists_safely.tbl, SQLERRM;
END $$;

REVOKE ALL ON FUNCTION presently.templates(regclass), presently.lists(regclass),
    presently.lists_safely(regclass) FROM PUBLIC;
