-- What captured changes are made of: who asked for them, how long they may be, columns that came later.
--
-- All of it runs while somebody writes, with the rights of the schema's owner. So nothing raises,
-- names are looked up in pg_catalog only, and of types that somebody untrusted made no cast is used.

-- What the transaction says about itself: SET LOCAL presently.context = '{"request": "r1"}'.
-- NULL: nothing, no JSON object, or one of more than 2048 bytes.
CREATE FUNCTION presently.current_context() RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given constant text := current_setting('presently.context', true);
    said  jsonb;
BEGIN
    IF given = '' OR octet_length(given) > 2048 THEN
        RETURN NULL;
    END IF;
    said := given::jsonb;
    RETURN CASE WHEN jsonb_typeof(said) = 'object' AND said <> '{}' THEN said END;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;

-- A document made of words that are encoded; '' if there can be no such id.
CREATE FUNCTION presently.possible(document text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF right(document, 2) = '.~' THEN
        document := left(document, -1) || '%7E';
    END IF;
    -- Words that are not empty and short together are an id, without a closer look.
    RETURN CASE WHEN length(document) <= 80 AND left(document, 1) <> '.'
                 AND right(document, 1) <> '.' AND strpos(document, '..') = 0
                 OR presently.is_document(document)
                THEN document ELSE '' END;
END $$;

-- At most 60000 bytes of JSON: first the long values go, then all of them.
CREATE OR REPLACE FUNCTION presently.shrunk(data jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    small jsonb := data;
    part  text;
BEGIN
    IF octet_length(data::text) <= 60000 THEN
        RETURN data;
    END IF;
    FOREACH part IN ARRAY ARRAY['before', 'after'] LOOP
        SELECT small || jsonb_build_object(part, coalesce(
                   jsonb_object_agg(f.key, f.value) FILTER (WHERE NOT f.long), '{}'),
               'omitted', coalesce(small -> 'omitted', '[]') || coalesce(
                   jsonb_agg(f.key) FILTER (WHERE f.long AND NOT coalesce(small -> 'omitted', '[]') ? f.key),
                   '[]'))
        INTO small
        FROM (SELECT key, value, octet_length(value::text) > 1024 AS long
              FROM jsonb_each(small -> part)) AS f
        WHERE small ? part;
    END LOOP;
    IF octet_length(small::text) > 60000 THEN
        small := (data - '{after,before,changed}'::text[]) || '{"omitted": ["*"]}';
    END IF;
    IF octet_length(small::text) > 60000 THEN
        small := jsonb_build_object('op', 'x', 'entity', data -> 'entity');
    END IF;
    RETURN small;
END $$;

-- Whether values of a type may be turned into JSON with our rights: casts to JSON are functions of
-- whoever owns the type.
CREATE FUNCTION presently.is_trusted(type oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given pg_type;
BEGIN
    LOOP
        SELECT * INTO given FROM pg_type WHERE oid = is_trusted.type;
        IF given.typtype = 'd' THEN
            type := given.typbasetype;
        ELSIF given.typcategory = 'A' AND given.typelem <> 0 THEN
            type := given.typelem;
        ELSE
            -- Below 16384 are PostgreSQL's own (FirstNormalObjectId).
            RETURN type < 16384 OR EXISTS (
                SELECT FROM pg_roles AS r WHERE r.oid = given.typowner AND (r.rolsuper OR r.oid = (
                    SELECT nspowner FROM pg_namespace WHERE nspname = 'presently')));
        END IF;
    END LOOP;
END $$;

-- The type that a domain is made of, in the end.
CREATE FUNCTION presently.base_type(type oid) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE t(oid, base) AS (
        SELECT oid, typbasetype FROM pg_type WHERE oid = base_type.type
        UNION ALL
        SELECT p.oid, p.typbasetype FROM t JOIN pg_type AS p ON p.oid = t.base
    )
    SELECT oid FROM t WHERE base = 0
$$;

-- A column's name as PL/pgSQL takes it: quote_ident leaves `by`, `if` and `loop` bare, which are no words
-- of SQL's, but PL/pgSQL's.
CREATE FUNCTION presently.quoted(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT '"' || replace(name, '"', '""') || '"'
$$;

-- What the written code needs to know of each column, as expressions over `rec` (NEW or OLD).
CREATE FUNCTION presently.traits(tbl regclass, rec text)
RETURNS TABLE (
    place   integer,
    name    text,
    type    text,
    secret  boolean,
    short   boolean,  -- its text is a word of at most 36 letters, whatever the value
    value   text,     -- turned into JSON as it should be
    plain   text,     -- as text
    long    text,     -- whether it is too long to tell; NULL: never
    strange text      -- whether its type is another one now, whose casts we must not use
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.place, c.name, format_type(c.typid, c.typmod), presently.is_secret(c.name),
           c.base IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'oid'::regtype, 'uuid'::regtype),
           c.value,
           CASE WHEN c.base IN ('text'::regtype, 'varchar'::regtype) OR NOT c.trusted
                  OR c.base IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype)
                THEN format('(%s)::text', c.value)
                ELSE format('(to_jsonb(%s) #>> ''{}'')', c.value) END,
           CASE WHEN c.length <> -1 OR c.base = 'numeric'::regtype
                  OR c.base IN ('varchar'::regtype, 'bpchar'::regtype) AND c.typmod BETWEEN 5 AND 2004
                THEN NULL
                WHEN c.base IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
                THEN format('octet_length(%s) > 60000', c.ref)
                WHEN c.base = 'bytea'::regtype THEN format('octet_length(%s) > 30000', c.ref)
                ELSE format('pg_column_size(%s) > 60000', c.ref) END,
           CASE WHEN c.typid < 16384 THEN format('pg_typeof(%s)::oid > 16383', c.ref)
                WHEN c.trusted THEN format('pg_typeof(%s)::text <> %L', c.ref, c.typid::regtype::text)
           END
    FROM (
        SELECT a.attnum::integer AS place, a.attname::text AS name, a.atttypid AS typid,
               a.atttypmod AS typmod, a.attlen AS length, rec || '.' || presently.quoted(a.attname) AS ref,
               presently.is_trusted(a.atttypid) AS trusted, presently.base_type(a.atttypid) AS base,
               -- An output function is PostgreSQL's own, a cast may be anybody's.
               CASE WHEN presently.is_trusted(a.atttypid) THEN rec || '.' || presently.quoted(a.attname)
                    ELSE format('CASE WHEN %1$s IS DISTINCT FROM NULL THEN format(''%%s'', %1$s) END',
                                rec || '.' || presently.quoted(a.attname)) END AS value
        FROM pg_attribute AS a
        WHERE a.attrelid = tbl AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
    ) AS c
$$;

-- A template's pieces: literal text and column names in turn. NULL: it is none.
-- {column}; a brace in a column's name is doubled.
CREATE FUNCTION presently.pieces_of(template text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    pieces text[] := '{}';
    piece  text := '';
    inside boolean := false;
    place  integer := 1;
    letter text;
BEGIN
    WHILE place <= length(template) LOOP
        letter := substr(template, place, 1);
        IF inside AND letter IN ('{', '}') AND substr(template, place + 1, 1) = letter THEN
            piece := piece || letter;
            place := place + 1;
        ELSIF inside AND letter = '}' OR NOT inside AND letter = '{' THEN
            IF inside AND piece = '' THEN
                RETURN NULL;
            END IF;
            pieces := pieces || piece;
            piece := '';
            inside := NOT inside;
        ELSIF letter IN ('{', '}') THEN
            RETURN NULL;
        ELSE
            piece := piece || letter;
        END IF;
        place := place + 1;
    END LOOP;
    RETURN CASE WHEN NOT inside THEN pieces || piece END;
END $$;

-- The list of a template's documents; '' if that depends on the row from the first word on.
CREATE FUNCTION presently.list_of(template text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(substring((presently.pieces_of(template))[1] FROM '^(.*)\.[^.]*$') || '.~', '')
$$;

-- The columns that the templates name, each once.
CREATE FUNCTION presently.holders_of(documents text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(h.name ORDER BY h.place), '{}') FROM (
        SELECT p.piece AS name, min(d.place * 1000 + p.place) AS place
        FROM unnest(documents) WITH ORDINALITY AS d(template, place),
             unnest(presently.pieces_of(d.template)) WITH ORDINALITY AS p(piece, place)
        WHERE p.place % 2 = 0 GROUP BY p.piece) AS h
$$;

-- The key: the primary key's columns, else those that the documents are made of.
CREATE FUNCTION presently.keys_of(tbl regclass, documents text[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(a.attname::text ORDER BY k.place), presently.holders_of(documents))
    FROM pg_index AS i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_attribute AS a ON a.attrelid = tbl AND a.attnum = k.attnum
    WHERE i.indrelid = tbl AND i.indisprimary AND k.place <= i.indnkeyatts
$$;

CREATE FUNCTION presently.array_code(given text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT quote_literal(given::text) || '::text[]'
$$;

-- Whether a column of `names` is of another type now than when this was written, as an expression.
CREATE FUNCTION presently.strange_code(tbl regclass, names text[], rec text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(string_agg(strange, ' OR ' ORDER BY place), 'false')
    FROM presently.traits(tbl, rec) WHERE name = ANY (names)
$$;

-- Whether there are no columns that we do not know. They would have the numbers after `natts`, the
-- number of columns that there are and ever were: a look into the catalog's cache, where a query would be
-- a third of the whole function. NULL: there are more numbers than columns, so count.
CREATE FUNCTION presently.same_columns_code(natts integer, columns integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN natts IS NOT NULL
        THEN (SELECT format('coalesce(%s) IS NULL', string_agg(
                  format('has_column_privilege(TG_RELID, %s::int2, ''SELECT'')', natts + n), ', '))
              FROM generate_series(1, 3) AS n)
        ELSE format('(SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = TG_RELID AND a.attnum > 0'
                    ' AND NOT a.attisdropped AND a.attgenerated <> ''v'') = %s', columns) END
$$;

-- Columns of a row that were not there when its table was captured, and differ (`was` NULL: all).
-- NULL: unknown, because one of them is of a type we do not trust.
CREATE FUNCTION presently.newer(tbl oid, known text[], was record, is_now record) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_fields jsonb;
BEGIN
    IF EXISTS (SELECT FROM pg_attribute AS a
               WHERE a.attrelid = newer.tbl AND a.attnum > 0 AND NOT a.attisdropped
                 AND NOT presently.is_trusted(a.atttypid)) THEN
        RETURN NULL;
    END IF;
    old_fields := to_jsonb(was) - known;
    RETURN (SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}')
            FROM jsonb_each(to_jsonb(is_now) - known) AS f
            WHERE old_fields IS NULL OR f.value IS DISTINCT FROM old_fields -> f.key);
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;

-- The same event with those columns: their names (but those of secrets), with `whole` their values.
CREATE FUNCTION presently.with_newer(
    data jsonb, whole boolean, tbl oid, known text[], was record, is_now record
) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found constant jsonb := presently.newer(tbl, known, was, is_now);
BEGIN
    IF found IS NULL THEN
        RETURN data - 'changed';
    END IF;
    IF data ? 'changed' THEN
        data := jsonb_set(data, '{changed}', data -> 'changed' || coalesce((
            SELECT jsonb_agg(key) FROM jsonb_object_keys(found) AS key
            WHERE (whole OR NOT presently.is_secret(key)) AND NOT data -> 'changed' ? key), '[]'));
    END IF;
    IF whole AND data ? 'after' THEN
        data := jsonb_set(data, '{after}', data -> 'after' || coalesce(
            presently.newer(tbl, known, NULL, is_now), '{}'));
    END IF;
    RETURN presently.shrunk(data);
EXCEPTION WHEN OTHERS THEN
    RETURN data - 'changed';
END $$;

REVOKE ALL ON FUNCTION
    presently.current_context(), presently.possible(text), presently.shrunk(jsonb),
    presently.array_code(text[]), presently.strange_code(regclass, text[], text),
    presently.same_columns_code(integer, integer), presently.list_of(text), presently.keys_of(regclass, text[]),
    presently.newer(oid, text[], record, record),
    presently.with_newer(jsonb, boolean, oid, text[], record, record)
FROM PUBLIC;
GRANT SELECT ON presently.migration TO PUBLIC;
