-- An event of the application's own, in the writer's transaction. Returns the event's id.
--     SELECT presently.publish('article.42', 'comment.added', '{"by": "fry"}');
CREATE FUNCTION presently.publish(
    document text, type text, data jsonb DEFAULT '{}', actor text DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    event_id text;
BEGIN
    IF NOT presently.is_document(publish.document) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s is no document id', coalesce(quote_literal(publish.document), 'NULL')),
            HINT = '2 to 5 words joined by ''.'', of letters, digits, ''_'', ''~'', ''-'' or %XX, '
                   'at most 200 bytes; presently.document_id(''page'', ''a/b'') encodes for you.';
    ELSIF publish.type LIKE 'presently.%' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('event type %L is reserved', publish.type),
            HINT = 'Types that begin with ''presently.'' are Presently''s own.';
    ELSIF coalesce(publish.type !~ '^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$'
                   OR publish.type ~ '\n' OR octet_length(publish.type) > 120, true) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s is no event type', coalesce(quote_literal(publish.type), 'NULL')),
            HINT = 'Letters, digits, ''_'' and ''-'', in words joined by ''.'', at most 120 bytes.';
    ELSIF jsonb_typeof(coalesce(publish.data, '{}')) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('data is a JSON %s, not an object', jsonb_typeof(publish.data));
    ELSIF octet_length(publish.data::text) > 65536 THEN
        RAISE EXCEPTION USING ERRCODE = 'program_limit_exceeded',
            MESSAGE = format('data is %s bytes of JSON', octet_length(publish.data::text)),
            HINT = 'At most 65536: send what identifies the thing and let the reader fetch it.';
    ELSIF octet_length(publish.actor) > 128 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'actor is longer than 128 bytes';
    END IF;
    INSERT INTO presently.outbox AS o (document, type, actor, data)
    VALUES (publish.document, publish.type,
            coalesce(publish.actor, presently.current_actor()), coalesce(publish.data, '{}'))
    RETURNING presently.event_id(o.id, o.at) INTO event_id;
    RETURN event_id;
END $$;

-- Who is acting, if the transaction says so: SET LOCAL presently.actor = 'fry'.
-- After such a transaction the setting is '' rather than unset.
CREATE FUNCTION presently.current_actor() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(left(current_setting('presently.actor', true), 128), '')
$$;

-- What the relay will call an outbox row: o<epoch>-<id>-<microseconds>. An id may be given twice
-- (synchronous_commit = off and a crash), the time makes the difference.
CREATE FUNCTION presently.event_id(id bigint, at timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('o%s-%s-%s', r.epoch, event_id.id, (extract(epoch FROM event_id.at) * 1000000)::bigint)
    FROM presently.relay AS r WHERE r.name = 'main'
$$;

REVOKE ALL ON FUNCTION presently.event_id(bigint, timestamptz) FROM PUBLIC;
