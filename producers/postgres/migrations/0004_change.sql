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
    plain    boolean := true;
BEGIN
    FOR place IN 2 .. size - 1 BY 2 LOOP
        value := fields ->> pieces[place];
        IF value IS NULL THEN
            -- Without the column it was renamed or dropped since it was captured.
            RETURN CASE WHEN fields ? pieces[place] THEN NULL ELSE '' END;
        END IF;
        IF value ~ '[^A-Za-z0-9_~-]' THEN
            value := presently.word(value);
        END IF;
        plain := plain AND value <> '';
        document := document || value || pieces[place + 1];
    END LOOP;
    IF size > 1 AND pieces[size] = '' AND right(document, 2) = '.~' THEN
        document := left(document, -1) || '%7E';
    END IF;
    -- Encoded words that are not empty and short together are an id, without a closer look.
    RETURN CASE WHEN plain AND length(document) <= 80 OR presently.is_document(document)
                THEN document ELSE '' END;
END $$;

-- Names that say "I am a secret" are not even named, unless the capture lists them.
CREATE FUNCTION presently.is_secret(name text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(name) ~ ('passw|passphrase|secret|token|credential|private_?key|api_?key|hash$'
                          '|(^|_)(hash|salt|otp)(_|$)')
$$;

-- Names of the columns that differ. `nameable` are those known when the table was captured; a
-- difference elsewhere is a secret's or a newer column's, and takes the longer way.
CREATE FUNCTION presently.changed(was jsonb, fields jsonb, nameable text[], named text[])
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    found text[] := '{}';
    name  text;
BEGIN
    FOREACH name IN ARRAY nameable LOOP
        IF fields -> name IS DISTINCT FROM was -> name THEN
            found := found || name;
        END IF;
    END LOOP;
    IF fields - nameable <> was - nameable THEN
        found := found || ARRAY(
            SELECT f.key FROM jsonb_each(fields - nameable) AS f
            WHERE f.value IS DISTINCT FROM was -> f.key
              AND (named = '{*}' OR NOT presently.is_secret(f.key)));
    END IF;
    RETURN to_jsonb(found);
END $$;

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
    nameable     constant text[] := TG_ARGV[6];
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
                    'op', 'u', 'changed', presently.changed(was, fields, nameable, named));
            ELSE
                data := data || '{"op": "c"}';
            END IF;
            IF pg_column_size(data) > 8000 THEN
                data := presently.shrunk(data);
            END IF;
        END IF;
        -- To a document that the row has left it is gone.
        IF was_at IS DISTINCT FROM is_at AND was_at IS NOT NULL THEN
            gone := jsonb_build_object(
                'op', 'd', 'entity', entity, 'key', presently.picked(was, key_columns));
            IF pg_column_size(gone) > 8000 THEN
                gone := presently.shrunk(gone);
            END IF;
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
