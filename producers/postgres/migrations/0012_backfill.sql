-- Telling the rows that were there before their table was captured, as op 'r'.
--
-- A row that is told must not change between being read and getting its number in the outbox: the
-- change would have the lower number, and the stale row the last word. So each is read FOR SHARE in
-- the statement that writes the outbox: a change of it has committed before, or comes after. We hold
-- many rows at a time and so wait for none, lest a writer be ended as one half of a deadlock: rows
-- that somebody holds are put aside, and told one by one by transactions that hold nothing else.
--
-- These functions have the rights, and the search path, of whoever calls them.

SET LOCAL lock_timeout = '5s';

CREATE TABLE presently.backfill (
    tbl       regclass NOT NULL,
    condition text NOT NULL,               -- which rows, as after WHERE
    after_key text[],                      -- told or put aside: up to here; NULL: nothing yet
    aside     jsonb NOT NULL DEFAULT '[]', -- keys of rows that somebody held
    told      bigint NOT NULL DEFAULT 0,   -- rows
    began_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tbl, condition)
);

-- The primary key's columns and their types, in order.
CREATE FUNCTION presently.backfill_keys(tbl regclass, OUT names text[], OUT types text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM presently.captured AS c WHERE c.tbl = backfill_keys.tbl) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is not captured', backfill_keys.tbl),
            HINT = 'presently capture add … first: rows are told as their changes are.';
    END IF;
    SELECT array_agg(a.attname::text ORDER BY k.place),
           array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY k.place)
    INTO names, types
    FROM pg_index AS i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_attribute AS a ON a.attrelid = backfill_keys.tbl AND a.attnum = k.attnum
    WHERE i.indrelid = backfill_keys.tbl AND i.indisprimary AND k.place <= i.indnkeyatts;
    IF names IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has no primary key, so its rows have no order to be told in',
                             backfill_keys.tbl),
            HINT = 'ALTER TABLE … ADD PRIMARY KEY';
    END IF;
END $$;

-- `(t.a, t.b) > ('1'::integer, 'x'::text)`, for any operator.
CREATE FUNCTION presently.backfill_place(tbl regclass, alias text, operator text, key text[])
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('(%s) %s (%s)', string_agg(format('%I.%I', alias, n.name), ', ' ORDER BY n.place),
                  operator, string_agg(format('%L::%s', key[n.place], k.types[n.place]), ', ' ORDER BY n.place))
    FROM presently.backfill_keys(tbl) AS k, unnest(k.names) WITH ORDINALITY AS n(name, place)
$$;

-- What is told of a row whose values are in `fields`.
CREATE FUNCTION presently.read_event(entity text, keys text[], columns text[], fields jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    data jsonb := jsonb_build_object('op', 'r', 'entity', entity, 'key', (
        SELECT jsonb_object_agg(name, fields -> name) FROM unnest(keys) AS name));
BEGIN
    IF columns = '{*}' THEN
        data := data || jsonb_build_object('after', fields);
    ELSIF columns <> '{}' THEN
        data := data || jsonb_build_object('after', (
            SELECT jsonb_object_agg(name, fields -> name) FROM unnest(columns) AS name));
    END IF;
    RETURN CASE WHEN pg_column_size(data) > 8000 THEN presently.shrunk(data) ELSE data END;
END $$;

-- Tell the rows at `place`; `lock` is how they are held. Which ones were told, as their keys.
CREATE FUNCTION presently.backfill_tell(tbl regclass, condition text, place text, lock text)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    entity  constant text := (SELECT relname FROM pg_class WHERE oid = tbl);
    columns constant text[] := (
        SELECT c.columns FROM presently.captured AS c WHERE c.tbl = backfill_tell.tbl);
    keys    constant text[] := (SELECT names FROM presently.backfill_keys(tbl));
    asked   constant text[] := CASE WHEN columns = '{*}' THEN ARRAY(
        SELECT a.attname::text FROM pg_attribute AS a
        WHERE a.attrelid = tbl AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
        ELSE ARRAY(SELECT DISTINCT unnest(keys || columns)) END;
    told    jsonb;
BEGIN
    EXECUTE format($told$
        WITH held AS (
            SELECT ARRAY[%1$s]::text[] AS key, %2$s AS fields, ARRAY[%3$s]::text[] AS documents
            FROM %4$s AS %5$I WHERE (%6$s
            ) AND %7$s ORDER BY %1$s FOR SHARE OF %5$I %8$s
        ), written AS (
            INSERT INTO presently.outbox (document, type, data)
            SELECT d.document, 'presently.change', presently.read_event(%9$L, %10$L, %11$L, h.fields)
            FROM held AS h, LATERAL (SELECT DISTINCT document FROM unnest(h.documents) AS w(document)
                                     WHERE document IS NOT NULL) AS d
        )
        SELECT coalesce(jsonb_agg(to_jsonb(key)), '[]') FROM held $told$,
        (SELECT string_agg(format('%I.%I', entity, k), ', ' ORDER BY n)
         FROM unnest(keys) WITH ORDINALITY AS w(k, n)),
        (SELECT string_agg(format('jsonb_build_object(%L, %s)', a,
                                  presently.value_sql(tbl, a, entity)), ' || ')
         FROM unnest(asked) AS a),
        (SELECT string_agg(presently.document_sql(tbl, t, entity), ', ')
         FROM presently.templates(tbl) AS t),
        tbl, entity, condition, place, lock, entity, keys, columns)
    INTO told;
    RETURN told;
END $$;

-- Tell the next `size` rows. True: there are no more, but for those put aside.
CREATE FUNCTION presently.backfill_chunk(tbl regclass, condition text, size integer) RETURNS boolean
LANGUAGE plpgsql SET datestyle = 'ISO, YMD' AS $$
DECLARE
    entity constant text := (SELECT relname FROM pg_class WHERE oid = tbl);
    keys   constant text := (
        SELECT string_agg(format('%I.%I', entity, k), ', ' ORDER BY n)
        FROM unnest((SELECT names FROM presently.backfill_keys(tbl))) WITH ORDINALITY AS w(k, n));
    at     presently.backfill;
    place  text := 'true';
    bound  text[];
    done   jsonb;  -- keys of the rows told
    there  jsonb;  -- and of all that there are
BEGIN
    SELECT b.* INTO STRICT at FROM presently.backfill AS b
    WHERE b.tbl = backfill_chunk.tbl AND b.condition = backfill_chunk.condition FOR UPDATE;
    IF at.after_key IS NOT NULL THEN
        place := presently.backfill_place(tbl, entity, '>', at.after_key);
    END IF;
    EXECUTE format(E'SELECT ARRAY[%1$s]::text[] FROM %2$s AS %3$I WHERE (%4$s\n) AND %5$s '
                   'ORDER BY %1$s OFFSET %6$s LIMIT 1', keys, tbl, entity, condition, place, size - 1)
    INTO bound;
    IF bound IS NOT NULL THEN
        place := place || ' AND ' || presently.backfill_place(tbl, entity, '<=', bound);
    END IF;
    done := presently.backfill_tell(tbl, condition, place, 'SKIP LOCKED');
    EXECUTE format(E'SELECT coalesce(jsonb_agg(to_jsonb(ARRAY[%s]::text[])), ''[]'') '
                   'FROM %s AS %I WHERE (%s\n) AND %s', keys, tbl, entity, condition, place)
    INTO there;
    UPDATE presently.backfill AS b
    SET after_key = coalesce(bound, b.after_key), told = b.told + jsonb_array_length(done),
        aside = b.aside || (SELECT coalesce(jsonb_agg(k), '[]') FROM jsonb_array_elements(there) AS k
                            WHERE NOT done @> jsonb_build_array(k))
    WHERE b.tbl = at.tbl AND b.condition = at.condition;
    RETURN bound IS NULL;
END $$;

-- Tell one of the rows that were put aside, waiting for whoever holds it. How many are left.
CREATE FUNCTION presently.backfill_aside(tbl regclass, condition text, turn integer) RETURNS integer
LANGUAGE plpgsql SET datestyle = 'ISO, YMD' AS $$
DECLARE
    at  presently.backfill;
    key jsonb;
BEGIN
    SELECT b.* INTO STRICT at FROM presently.backfill AS b
    WHERE b.tbl = backfill_aside.tbl AND b.condition = backfill_aside.condition FOR UPDATE;
    IF at.aside = '[]' THEN
        RETURN 0;
    END IF;
    key := at.aside -> (turn % jsonb_array_length(at.aside));
    key := presently.backfill_tell(tbl, condition, presently.backfill_place(
        tbl, (SELECT relname FROM pg_class WHERE oid = tbl), '=',
        ARRAY(SELECT jsonb_array_elements_text(key))), '');
    UPDATE presently.backfill AS b
    SET aside = b.aside - (turn % jsonb_array_length(at.aside)), told = b.told + jsonb_array_length(key)
    WHERE b.tbl = at.tbl AND b.condition = at.condition;
    RETURN jsonb_array_length(at.aside) - 1;
END $$;

REVOKE ALL ON FUNCTION
    presently.backfill_keys(regclass), presently.backfill_place(regclass, text, text, text[]),
    presently.read_event(text, text[], text[], jsonb),
    presently.backfill_tell(regclass, text, text, text),
    presently.backfill_chunk(regclass, text, integer), presently.backfill_aside(regclass, text, integer)
FROM PUBLIC;
