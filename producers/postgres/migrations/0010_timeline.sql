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
    SELECT t.template FROM presently.captured AS c,
        LATERAL (SELECT c.document UNION ALL
                 SELECT jsonb_array_elements_text(coalesce(to_jsonb(c) -> 'also', '[]')))
        AS t(template)
    WHERE c.tbl = templates.tbl
$$;

-- A column's value, as an expression over `alias`. A cast to JSON is a function of whoever owns the
-- type; of types that are not PostgreSQL's or ours the text is taken.
CREATE FUNCTION presently.value_sql(tbl regclass, name text, alias text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trusted boolean;
    value   constant text := format('%I.%I', alias, name);
BEGIN
    SELECT a.atttypid < 16384  -- FirstNormalObjectId: below are PostgreSQL's own
           OR r.rolsuper OR r.oid = (SELECT nspowner FROM pg_namespace WHERE nspname = 'presently')
    INTO trusted
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_roles AS r ON r.oid = t.typowner
    WHERE a.attrelid = tbl AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = name;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column',
            MESSAGE = format('%s has no column %L any more', tbl, name),
            HINT = 'Capture it again.';
    END IF;
    RETURN CASE WHEN trusted THEN value ELSE
        'CASE WHEN ' || value || ' IS DISTINCT FROM NULL THEN format(''%s'', ' || value || ') END' END;
END $$;

-- The document that a template makes of a row, as an expression. NULL: none, or no valid one.
-- {column}; a brace in a column's name is doubled.
CREATE FUNCTION presently.document_sql(tbl regclass, template text, alias text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    piece text[];
    parts text[] := '{}';
    made  text;
BEGIN
    FOR piece IN SELECT regexp_matches(template, '\{((?:[^{}]|\{\{|\}\})+)\}|([^{}]+)', 'g') LOOP
        parts := parts || CASE WHEN piece[1] IS NULL THEN quote_literal(piece[2]) ELSE
            format('presently.word(to_jsonb(%s) #>> ''{}'')', presently.value_sql(
                tbl, replace(replace(piece[1], '{{', '{'), '}}', '}'), alias)) END;
    END LOOP;
    made := array_to_string(parts, ' || ');
    IF right(template, 1) = '}' THEN  -- a key that is '~' is no list
        made := format('regexp_replace(%s, ''\.~$'', ''.%%7E'')', made);
    END IF;
    RETURN format('(SELECT d FROM (VALUES (%s)) AS made(d) WHERE presently.is_document(d))', made);
END $$;

-- The lists of all collections that rows of a captured table are told in. Where the collection
-- depends on the row ('{tenant}.article.{id}'), those of the rows there are.
CREATE FUNCTION presently.lists(tbl regclass) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    list text;
BEGIN
    FOR list IN SELECT regexp_replace(t, '\.(\{([^{}]|\{\{|\}\})*\}|[^.{}])*$', '') || '.~'
                FROM presently.templates(lists.tbl) AS t LOOP
        IF position('{' IN list) = 0 THEN
            RETURN NEXT list;
        ELSE
            RETURN QUERY EXECUTE format(
                'SELECT DISTINCT d FROM (SELECT %s AS d FROM %s AS r) AS found WHERE d <> %L',
                presently.document_sql(lists.tbl, list, 'r'), lists.tbl, '');
        END IF;
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

REVOKE ALL ON FUNCTION presently.templates(regclass), presently.value_sql(regclass, text, text),
    presently.document_sql(regclass, text, text), presently.lists(regclass),
    presently.lists_safely(regclass) FROM PUBLIC;
-- Whoever relays also asks whether the schema is up to date.
GRANT SELECT ON presently.migration TO PUBLIC;
