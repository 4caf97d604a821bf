-- What the written code calls, and what a capture is checked for.

-- What is written to the outbox in the end.
CREATE FUNCTION presently.tell_code(
    entity text, documents text[], partitioned boolean, natts integer, known text[], whole boolean
) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT presently.filled(CASE WHEN cardinality(documents) = 1 THEN $code$
    IF '' IN (was, is_now) THEN
        PERFORM presently.unknown(@lists@, @entity@, actor, ctx);
    END IF;
    IF gone IS NOT NULL AND was <> '' THEN
        INSERT INTO presently.outbox (document, type, actor, data)
        VALUES (was, 'presently.change', actor, gone);
    END IF;
    IF is_now <> '' THEN
@newer@@back@
        INSERT INTO presently.outbox (document, type, actor, data)
        VALUES (is_now, 'presently.change', actor, data);
    END IF;$code$ ELSE $code$
    IF '' = ANY (was) OR '' = ANY (is_now) THEN
        PERFORM presently.unknown(
            ARRAY(SELECT l.list FROM unnest(@lists@) WITH ORDINALITY AS l(list, place)
                  WHERE '' IN (was[l.place], is_now[l.place]) ORDER BY l.place), @entity@, actor, ctx);
    END IF;
    IF gone IS NOT NULL OR data IS NOT NULL THEN
@newer@@back@
        PERFORM presently.tell(was, is_now, actor, gone, data);
    END IF;$code$ END, jsonb_build_object(
        'entity', quote_literal(entity),
        'lists', presently.array_code(ARRAY(
            SELECT presently.list_of(d) FROM unnest(documents) WITH ORDINALITY AS w(d, n) ORDER BY n)),
        'back', CASE WHEN partitioned THEN format($part$
        IF TG_OP = 'INSERT' THEN
            back := presently.taken_back(%s, %L, key);
            IF back IS NOT NULL THEN
                %s
            END IF;
        END IF;$part$, CASE WHEN cardinality(documents) = 1 THEN 'ARRAY[is_now]' ELSE 'is_now' END, entity,
                     CASE WHEN cardinality(documents) = 1 THEN 'data := data || ''{"op": "u"}'';'
                          ELSE 'was := back;' END)
                ELSE '' END,
        'newer', format($part$
        IF data IS NOT NULL%s AND NOT (%s) THEN
            data := presently.with_newer(data, %L, TG_RELID, %s, OLD, NEW);
        END IF;$part$, CASE WHEN whole THEN '' ELSE ' AND TG_OP = ''UPDATE''' END,
            presently.same_columns_code(natts, cardinality(known)), whole, presently.array_code(known))))
$$;

-- The row was deleted a moment ago at these documents: it has moved from one partition to another,
-- which PostgreSQL does by a deletion and an insertion. Takes these back; returns where.
CREATE FUNCTION presently.taken_back(documents text[], entity text, key jsonb) RETURNS text[]
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    WITH last AS (
        SELECT o.id, o.document, o.data FROM presently.outbox AS o
        WHERE o.xid = pg_current_xact_id() ORDER BY o.id DESC LIMIT cardinality(documents)
    ), gone AS (
        DELETE FROM presently.outbox AS o USING last
        WHERE o.id = last.id AND last.document = ANY (documents) AND last.data ->> 'op' = 'd'
          AND last.data ->> 'entity' = entity AND last.data -> 'key' = key
        RETURNING o.document
    )
    SELECT array_agg(document) FROM gone
$$;

-- Something changed that cannot be told, or too much: op 'x' at these lists ('': there is none).
-- Readers fetch what is committed, so once in a transaction is enough, if nothing came after it.
CREATE FUNCTION presently.unknown(lists text[], entity text, actor text, ctx jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO presently.outbox (document, type, actor, data)
    SELECT l.list, 'presently.change', actor,
           jsonb_build_object('op', 'x', 'entity', entity)
           || CASE WHEN ctx IS NULL THEN '{}' ELSE jsonb_build_object('ctx', ctx) END
    FROM unnest(lists) WITH ORDINALITY AS l(list, place)
    WHERE l.list <> '' AND l.list NOT IN (
        SELECT last.document FROM (
            SELECT o.document, o.data FROM presently.outbox AS o
            WHERE o.xid = pg_current_xact_id() ORDER BY o.id DESC LIMIT cardinality(lists)) AS last
        WHERE last.data ->> 'op' = 'x')
    GROUP BY l.list ORDER BY min(l.place)
$$;

-- Tell a row at several documents: `was` before, `is_now` after the change (NULL: nowhere, '': at an
-- impossible one). A document that two templates name is told once.
CREATE FUNCTION presently.tell(
    was text[], is_now text[], actor text, gone jsonb, data jsonb
) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO presently.outbox (document, type, actor, data)
    SELECT t.document, 'presently.change', actor, t.data
    FROM (
        SELECT 1 AS turn, min(place) AS place, d.document, gone AS data
        FROM unnest(was) WITH ORDINALITY AS d(document, place)
        WHERE d.document <> '' AND array_position(is_now, d.document) IS NULL GROUP BY d.document
        UNION ALL
        SELECT 2, min(place), d.document,
               CASE WHEN array_position(was, d.document) IS NULL
                    THEN data - '{changed,before}'::text[] || '{"op": "c"}'
                    ELSE data || '{"op": "u"}' END
        FROM unnest(is_now) WITH ORDINALITY AS d(document, place)
        WHERE d.document <> '' GROUP BY d.document
    ) AS t
    ORDER BY t.turn, t.place
$$;

-- The same as the written code, column by column over JSON: what it falls back upon when the table is
-- not as it was (a column dropped, renamed or of another type) until it is captured again. `told` is
-- false if that does not help either.
CREATE FUNCTION presently.slowly(
    op text, tbl oid, old_row record, new_row record, entity text, documents text[], keys text[],
    named text[], before boolean, actor_column text, ctx jsonb,
    OUT told boolean, OUT was text[], OUT is_now text[], OUT said_by text, OUT gone jsonb, OUT data jsonb
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    more       constant jsonb := CASE WHEN ctx IS NULL THEN '{}' ELSE jsonb_build_object('ctx', ctx) END;
    whole      constant boolean := named = '{*}';
    old_fields jsonb;
    fields     jsonb;
    old_values jsonb;
    changed    text[];
BEGIN
    told := false;
    IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = tbl AND a.attnum > 0
               AND NOT a.attisdropped AND NOT presently.is_trusted(a.atttypid)) THEN
        RETURN;
    END IF;
    IF op <> 'INSERT' THEN
        old_fields := to_jsonb(old_row);
        was := presently.documents_of(documents, old_fields);
        old_values := CASE WHEN before THEN coalesce((
            SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(old_fields) AS f
            WHERE (whole OR f.key = ANY (named)) AND NOT presently.is_secret(f.key)), '{}') END;
        gone := jsonb_build_object('op', 'd', 'entity', entity, 'key', presently.picked(old_fields, keys))
            || CASE WHEN before THEN jsonb_build_object('before', old_values) ELSE '{}' END || more;
    END IF;
    IF op <> 'DELETE' THEN
        fields := to_jsonb(new_row);
        is_now := presently.documents_of(documents, fields);
        said_by := nullif(left(fields ->> actor_column, 128), '');
        data := jsonb_build_object('op', 'c', 'entity', entity, 'key', presently.picked(fields, keys))
            || CASE WHEN named = '{}' THEN '{}' ELSE jsonb_build_object('after', CASE WHEN whole THEN fields
                    ELSE presently.picked(fields, named) END) END || more;
    END IF;
    IF op = 'UPDATE' THEN
        changed := ARRAY(SELECT key FROM jsonb_each(fields) AS f WHERE value IS DISTINCT FROM old_fields -> key
                         AND (whole OR key = ANY (named) OR NOT presently.is_secret(key)));
        data := data || jsonb_build_object('op', 'u', 'changed', changed)
            || CASE WHEN before THEN jsonb_build_object(
                   'before', presently.picked(old_values, changed)) ELSE '{}' END;
    END IF;
    data := presently.shrunk(data);
    gone := presently.shrunk(gone);
    told := true;
EXCEPTION WHEN OTHERS THEN  -- a value that JSON cannot hold
    told := false;
END $$;

-- The documents of a row as JSON. NULL: a placeholder is NULL. '': there is no such id, or column.
CREATE FUNCTION presently.documents_of(documents text[], fields jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(d.document ORDER BY d.place) FROM (
        SELECT t.place, CASE WHEN bool_and(p.place % 2 = 1 OR fields ? p.piece)
                 THEN CASE WHEN bool_and(p.place % 2 = 1 OR fields ->> p.piece IS NOT NULL)
                           THEN presently.possible(string_agg(
                               CASE WHEN p.place % 2 = 1 THEN p.piece
                                    ELSE presently.word(fields ->> p.piece) END, '' ORDER BY p.place)) END
                 ELSE '' END AS document
        FROM unnest(documents) WITH ORDINALITY AS t(template, place),
             unnest(presently.pieces_of(t.template)) WITH ORDINALITY AS p(piece, place)
        GROUP BY t.place) AS d
$$;

CREATE OR REPLACE FUNCTION presently.on_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ctx constant jsonb := presently.current_context();
BEGIN
    -- TG_ARGV: the entity, and its lists. A partition's TRUNCATE is its table's; once is enough.
    INSERT INTO presently.outbox (document, type, actor, data)
    SELECT l.list, 'presently.change', presently.current_actor(),
           jsonb_build_object('op', 't', 'entity', TG_ARGV[0])
           || CASE WHEN ctx IS NULL THEN '{}' ELSE jsonb_build_object('ctx', ctx) END
    FROM unnest(CASE WHEN left(TG_ARGV[1], 1) = '{' THEN TG_ARGV[1]::text[] ELSE ARRAY[TG_ARGV[1]] END)
         AS l(list)
    WHERE l.list <> '' AND l.list NOT IN (
        SELECT last.document FROM (
            SELECT o.document, o.data FROM presently.outbox AS o
            WHERE o.xid = pg_current_xact_id() ORDER BY o.id DESC LIMIT 16) AS last
        WHERE last.data ->> 'op' = 't');
    RETURN NULL;
END $$;

-- Column → type.
CREATE FUNCTION presently.shape_of(tbl regclass) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(name, type), '{}') FROM presently.traits(tbl, 'NEW')
$$;

-- The templates, each once.
CREATE FUNCTION presently.checked_documents(tbl regclass, documents text[], collapse integer)
RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    template text;
    pieces   text[];
BEGIN
    FOREACH template IN ARRAY CASE WHEN documents <> '{}' THEN documents ELSE ARRAY[NULL::text] END LOOP
        pieces := presently.pieces_of(template);
        IF pieces IS NULL OR NOT presently.is_document(
            (SELECT string_agg(CASE WHEN n % 2 = 1 THEN p ELSE 'x' END, '' ORDER BY n)
             FROM unnest(pieces) WITH ORDINALITY AS w(p, n))) THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('%s names no document', coalesce(quote_literal(template), 'NULL')),
                HINT = '2 to 5 words joined by ''.'', of letters, digits, ''_'', ''~'', ''-'', %XX and '
                       '{column}, e.g. ''article.{id}''; a brace in a column''s name is doubled.';
        ELSIF collapse IS NOT NULL AND (strpos(pieces[1], '.') = 0 OR EXISTS (
            SELECT FROM unnest(pieces[2:]) WITH ORDINALITY AS w(p, n) WHERE n % 2 = 0 AND strpos(p, '.') > 0)) THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('collapse is not possible with %L', template),
                HINT = 'Its list depends on the row: only the last word may have a {column}.';
        END IF;
    END LOOP;
    IF collapse < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('collapse is %s, which is no number of rows', collapse),
            HINT = 'From how many rows in a statement on, e.g. 1000; NULL: never.';
    END IF;
    PERFORM presently.check_columns(tbl, presently.holders_of(documents), 'the document');
    RETURN ARRAY(SELECT d FROM unnest(documents) WITH ORDINALITY AS w(d, n) GROUP BY d ORDER BY min(n));
END $$;

CREATE FUNCTION presently.check_columns(tbl regclass, asked text[], place text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    present constant text[] := ARRAY(SELECT t.name FROM presently.traits(tbl, 'NEW') AS t ORDER BY t.place);
    name    text;
BEGIN
    FOREACH name IN ARRAY asked LOOP
        IF name IS NULL OR name <> ALL (present) THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column',
                MESSAGE = format('%s has no column %s, which %s asks for', tbl,
                                 coalesce(quote_literal(name), 'NULL'), place),
                HINT = 'It has: ' || array_to_string(present, ', ') || CASE WHEN EXISTS (
                    SELECT FROM pg_attribute AS a WHERE a.attrelid = tbl AND a.attname = name)
                    THEN '. A virtual generated column has no value when a trigger runs.' ELSE '.' END;
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION presently.check_capturable(tbl regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given pg_class;
    other regclass;
BEGIN
    SELECT * INTO given FROM pg_class WHERE oid = tbl;
    IF given.relkind IS NULL OR given.relkind NOT IN ('r', 'p') OR given.relpersistence = 't'
       OR given.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN (
           'presently', 'pg_catalog', 'information_schema')) THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
            MESSAGE = format('%s cannot be captured%s', coalesce(tbl::text, 'NULL'), CASE given.relkind
                WHEN 'v' THEN ': it is a view' WHEN 'm' THEN ': it is a materialized view'
                WHEN 'f' THEN ': it is a foreign table' WHEN 'S' THEN ': it is a sequence'
                ELSE CASE given.relpersistence WHEN 't' THEN ': it is a temporary table' ELSE '' END END),
            HINT = CASE given.relkind
                WHEN 'v' THEN 'Capture the tables that it shows.' WHEN 'm' THEN 'Capture the tables that it shows.'
                WHEN 'f' THEN 'Capture it in the database where its rows are.'
                ELSE 'Capture an ordinary or a partitioned table of your own.' END;
    END IF;
    SELECT c.tbl INTO other FROM presently.captured AS c
    WHERE c.tbl <> check_capturable.tbl
      AND (c.tbl IN (SELECT relid FROM pg_partition_ancestors(check_capturable.tbl))
           OR c.tbl IN (SELECT relid FROM pg_partition_tree(check_capturable.tbl)));
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('%s is captured, and a row of it is a row of %s', other, tbl),
            HINT = format('SELECT presently.release(%L) first.', other);
    ELSIF given.relkind = 'r' AND given.relhassubclass AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = tbl) THEN
        RAISE WARNING USING MESSAGE = format('rows of the tables that inherit from %s are not told', tbl),
            HINT = 'Capture each of these tables, too; at the same documents if you like.';
    END IF;
END $$;

REVOKE ALL ON FUNCTION
    presently.tell_code(text, text[], boolean, integer, text[], boolean),
    presently.taken_back(text[], text, jsonb), presently.unknown(text[], text, text, jsonb),
    presently.tell(text[], text[], text, jsonb, jsonb),
    presently.slowly(text, oid, record, record, text, text[], text[], text[], boolean, text, jsonb),
    presently.documents_of(text[], jsonb), presently.checked_documents(regclass, text[], integer),
    presently.check_columns(regclass, text[], text)
FROM PUBLIC;
