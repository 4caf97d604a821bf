-- What a captured table does when a row changes: one outbox row per document concerned.
--
-- Nothing here may raise: the writer's own statement would fail with it. What cannot be told is
-- told as op 'x' to the collection's list, "something changed, fetch anew".

-- The document of a row. `pieces` alternate between literal text and column names.
-- NULL: a placeholder is NULL, so the row belongs to no document. '': there is no such id.
CREATE FUNCTION presently.document_of(pieces text[], fields jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    size     constant integer := cardinality(pieces);
    document text := pieces[1];
    value    text;
BEGIN
    FOR place IN 2 .. size - 1 BY 2 LOOP
        IF NOT fields ? pieces[place] THEN
            RETURN '';  -- renamed or dropped since it was captured
        END IF;
        value := fields ->> pieces[place];
        IF value IS NULL THEN
            RETURN NULL;
        END IF;
        document := document || presently.word(value) || pieces[place + 1];
    END LOOP;
    IF size > 1 AND pieces[size] = '' AND right(document, 2) = '.~' THEN
        document := left(document, -1) || '%7E';
    END IF;
    RETURN CASE WHEN presently.is_document(document) THEN document ELSE '' END;
END $$;

-- Names that say "I am a secret" are not even named, unless the capture lists them.
CREATE FUNCTION presently.is_secret(name text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name ~* 'passw|passphrase|secret|token|credential|(private|api)_?key|hash$'
        OR name ~* '(^|_)(hash|salt|otp)(_|$)'
$$;

-- Names of the columns that differ.
CREATE FUNCTION presently.changed(was jsonb, now jsonb, named text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(f.key), '[]')
    FROM jsonb_each(now) AS f
    WHERE f.value IS DISTINCT FROM was -> f.key
      AND (f.key = ANY (named) OR named = '{*}' OR NOT presently.is_secret(f.key))
$$;

CREATE FUNCTION presently.picked(fields jsonb, names text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    found jsonb := '{}';
    name  text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        IF fields ? name THEN
            found := found || jsonb_build_object(name, fields -> name);
        END IF;
    END LOOP;
    RETURN found;
END $$;

-- At most 60000 bytes of JSON: first the long values go, then all of them.
CREATE FUNCTION presently.shrunk(data jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    small jsonb;
BEGIN
    IF octet_length(data::text) <= 60000 THEN
        RETURN data;
    END IF;
    SELECT data
        || jsonb_build_object('after', coalesce(
               jsonb_object_agg(f.key, f.value) FILTER (WHERE NOT f.long), '{}'))
        || jsonb_build_object('omitted', coalesce(
               jsonb_agg(f.key) FILTER (WHERE f.long), '[]'))
    INTO small
    FROM (SELECT key, value, octet_length(value::text) > 1024 AS long
          FROM jsonb_each(coalesce(data -> 'after', '{}'))) AS f;
    IF octet_length(small::text) > 60000 THEN
        small := (data - '{after,changed}'::text[]) || '{"omitted": ["*"]}';
    END IF;
    IF octet_length(small::text) > 60000 THEN
        small := jsonb_build_object('op', 'x', 'entity', data -> 'entity');
    END IF;
    RETURN small;
END $$;

CREATE FUNCTION presently.on_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entity       constant text   := TG_ARGV[0];
    list         constant text   := TG_ARGV[1];  -- '' if the collection depends on the row
    pieces       constant text[] := TG_ARGV[2];
    key_columns  constant text[] := TG_ARGV[3];
    named        constant text[] := TG_ARGV[4];
    actor_column constant text   := TG_ARGV[5];
    was          jsonb;
    fields       jsonb;
    was_at       text;
    is_at        text;
    actor        text;
    data         jsonb;
    gone         jsonb;
BEGIN
    BEGIN
        actor := presently.current_actor();
        IF TG_OP <> 'INSERT' THEN
            was := to_jsonb(OLD);
            was_at := presently.document_of(pieces, was);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            fields := to_jsonb(NEW);
            IF fields = was THEN
                RETURN NULL;
            END IF;
            is_at := presently.document_of(pieces, fields);
            -- The column says who wrote last; of a deletion it knows nothing.
            actor := coalesce(actor, nullif(left(fields ->> actor_column, 128), ''));
            data := jsonb_build_object(
                'entity', entity, 'key', presently.picked(fields, key_columns));
            IF named = '{*}' THEN
                data := data || jsonb_build_object('after', fields);
            ELSIF named <> '{}' THEN
                data := data || jsonb_build_object('after', presently.picked(fields, named));
            END IF;
            IF TG_OP = 'UPDATE' AND was_at = is_at THEN
                data := data || jsonb_build_object(
                    'op', 'u', 'changed', presently.changed(was, fields, named));
            ELSE
                data := data || '{"op": "c"}';
            END IF;
            IF pg_column_size(data) > 8000 THEN
                data := presently.shrunk(data);
            END IF;
        END IF;
        -- To a document that the row has left it is gone.
        IF was_at IS DISTINCT FROM is_at AND was_at IS NOT NULL THEN
            gone := presently.shrunk(jsonb_build_object(
                'op', 'd', 'entity', entity, 'key', presently.picked(was, key_columns)));
        END IF;
    EXCEPTION WHEN OTHERS THEN  -- a value that JSON cannot hold
        was_at := NULL;
        is_at := '';
    END;
    IF '' IN (was_at, is_at) AND list <> '' THEN
        INSERT INTO presently.outbox (document, type, actor, data)
        VALUES (list, 'presently.change', actor, jsonb_build_object('op', 'x', 'entity', entity));
    END IF;
    IF gone IS NOT NULL AND was_at <> '' THEN
        INSERT INTO presently.outbox (document, type, actor, data)
        VALUES (was_at, 'presently.change', actor, gone);
    END IF;
    IF is_at <> '' THEN
        INSERT INTO presently.outbox (document, type, actor, data)
        VALUES (is_at, 'presently.change', actor, data);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION presently.on_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO presently.outbox (document, type, actor, data)
    VALUES (TG_ARGV[1], 'presently.change', presently.current_actor(),
            jsonb_build_object('op', 't', 'entity', TG_ARGV[0]));
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION presently.on_row(), presently.on_truncate() FROM PUBLIC;
