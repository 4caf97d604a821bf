-- Which tables are captured, and how. The triggers do the work; this says what was asked for.
CREATE TABLE presently.captured (
    tbl      regclass PRIMARY KEY,
    document text NOT NULL,
    columns  text[] NOT NULL,
    actor    text,
    at       timestamptz NOT NULL DEFAULT now()
);

-- Every committed change of a row of `tbl`, by any writer, becomes a presently.change event.
--     SELECT presently.capture('public.article', 'article.{id}',
--                              columns => '{title,status}', actor => 'updated_by');
-- {column} stands for the row's value, percent-encoded. Only the key and the names of changed
-- columns leave the database; `columns` names those whose values go with them ('{*}': the whole
-- row). `actor` is the column that says who wrote; SET LOCAL presently.actor goes before it.
-- May be run again: the last call counts. The caller needs the right to create triggers on `tbl`.
CREATE FUNCTION presently.capture(
    tbl regclass, document text, columns text[] DEFAULT '{}', actor text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    columns   constant text[] := CASE WHEN '*' = ANY (capture.columns) THEN '{*}'
                                      ELSE coalesce(capture.columns, '{}') END;
    pieces    constant text[] := regexp_split_to_array(capture.document, '[{}]');
    holders   text[];
    present   text[];
    keys      text[];
    list      text;
    arguments text;
BEGIN
    PERFORM presently.check_capturable(capture.tbl);
    PERFORM pg_advisory_xact_lock(hashtext('presently.capture ' || capture.tbl::oid));

    IF coalesce(capture.document !~ '^([^{}]*\{[^{}]+\})*[^{}]*$'
                OR NOT presently.is_document(
                    regexp_replace(capture.document, '\{[^{}]+\}', 'x', 'g')), true) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s names no document', coalesce(quote_literal(capture.document), 'NULL')),
            HINT = '2 to 5 words joined by ''.'', of letters, digits, ''_'', ''~'', ''-'', %XX and '
                   '{column}, e.g. ''article.{id}''.';
    END IF;
    holders := ARRAY(SELECT pieces[n] FROM generate_series(2, cardinality(pieces), 2) AS n);
    present := ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                     WHERE a.attrelid = capture.tbl AND a.attnum > 0 AND NOT a.attisdropped);
    PERFORM presently.check_columns(capture.tbl, present, holders, 'the document');
    PERFORM presently.check_columns(capture.tbl, present, array_remove(columns, '*'), 'columns');
    PERFORM presently.check_columns(
        capture.tbl, present, array_remove(ARRAY[capture.actor], NULL), 'actor');

    -- The key: the primary key's columns, else those that the document is made of.
    keys := ARRAY(SELECT a.attname::text
                  FROM pg_index AS i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                  JOIN pg_attribute AS a ON a.attrelid = capture.tbl AND a.attnum = k.attnum
                  WHERE i.indrelid = capture.tbl AND i.indisprimary ORDER BY k.place);
    IF keys = '{}' THEN
        keys := holders;
    END IF;
    -- The collection's list, as far as it does not depend on the row.
    list := substring(pieces[1] FROM '^(.*)\.[^.]*$') || '.~';

    arguments := format('%L, %L, %L, %L, %L, %L, %L',
        (SELECT relname FROM pg_class WHERE oid = capture.tbl), coalesce(list, ''),
        pieces, keys, columns, coalesce(capture.actor, ''),
        ARRAY(SELECT name FROM unnest(present) WITH ORDINALITY AS p(name, place)
              WHERE columns = '{*}' OR name = ANY (columns) OR NOT presently.is_secret(name)
              ORDER BY place));
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER presently_row AFTER INSERT OR UPDATE OR DELETE ON %s '
        'FOR EACH ROW EXECUTE FUNCTION presently.on_row(%s)', capture.tbl, arguments);
    IF list IS NOT NULL THEN
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER presently_truncate AFTER TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION presently.on_truncate(%s)', capture.tbl, arguments);
    ELSE
        EXECUTE format('DROP TRIGGER IF EXISTS presently_truncate ON %s', capture.tbl);
    END IF;
    INSERT INTO presently.captured AS c (tbl, document, columns, actor)
    VALUES (capture.tbl, capture.document, columns, capture.actor)
    ON CONFLICT (tbl) DO UPDATE
        SET document = excluded.document, columns = excluded.columns, actor = excluded.actor,
            at = excluded.at;
END $$;

CREATE FUNCTION presently.check_capturable(tbl regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given pg_class;
    other regclass;
BEGIN
    SELECT * INTO given FROM pg_class WHERE oid = tbl;
    IF given.relkind IS NULL OR given.relkind NOT IN ('r', 'p') OR given.relpersistence = 't'
       OR given.relnamespace IN ('presently'::regnamespace, 'pg_catalog'::regnamespace) THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
            MESSAGE = format('%s cannot be captured', coalesce(tbl::text, 'NULL')),
            HINT = 'Capture an ordinary or a partitioned table of your own.';
    END IF;
    SELECT c.tbl INTO other FROM presently.captured AS c
    WHERE c.tbl <> check_capturable.tbl
      AND (c.tbl IN (SELECT relid FROM pg_partition_ancestors(check_capturable.tbl))
           OR c.tbl IN (SELECT relid FROM pg_partition_tree(check_capturable.tbl)));
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('%s is captured, and a row of it is a row of %s', other, tbl),
            HINT = format('SELECT presently.release(%L) first.', other);
    END IF;
END $$;

CREATE FUNCTION presently.check_columns(tbl regclass, present text[], asked text[], place text)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY asked LOOP
        IF name IS NULL OR name <> ALL (present) THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column',
                MESSAGE = format('%s has no column %s, which %s asks for', tbl,
                                 coalesce(quote_literal(name), 'NULL'), place),
                HINT = 'It has: ' || array_to_string(present, ', ');
        END IF;
    END LOOP;
END $$;

-- No longer capture `tbl`. False if it was not.
CREATE FUNCTION presently.release(tbl regclass) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    DELETE FROM presently.captured AS c WHERE c.tbl = release.tbl;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TRIGGER IF EXISTS presently_row ON %s', release.tbl);
    EXECUTE format('DROP TRIGGER IF EXISTS presently_truncate ON %s', release.tbl);
    RETURN true;
END $$;

-- What is captured, and what is wrong with it (NULL: nothing).
CREATE VIEW presently.captures AS
SELECT format('%I.%I', n.nspname, r.relname) AS tbl, c.document, c.columns, c.actor,
       '*' = ANY (c.columns) AS whole_row,
       CASE
           WHEN t.oid IS NULL THEN 'its trigger is gone: capture it again'
           WHEN t.tgenabled = 'D' THEN 'its trigger is disabled: ALTER TABLE … ENABLE TRIGGER'
           WHEN EXISTS (
               SELECT FROM unnest(
                   array_remove(c.columns, '*') || array_remove(ARRAY[c.actor], NULL)
                   || ARRAY(SELECT m[1] FROM regexp_matches(c.document, '\{([^{}]+)\}', 'g') AS m)
               ) AS asked(name)
               WHERE NOT EXISTS (
                   SELECT FROM pg_attribute AS a WHERE a.attrelid = c.tbl AND a.attnum > 0
                   AND NOT a.attisdropped AND a.attname = asked.name))
               THEN 'a column it asks for is gone: capture it again'
       END AS problem
FROM presently.captured AS c
JOIN pg_class AS r ON r.oid = c.tbl
JOIN pg_namespace AS n ON n.oid = r.relnamespace
LEFT JOIN pg_trigger AS t ON t.tgrelid = c.tbl AND t.tgname = 'presently_row' AND NOT t.tgisinternal;

REVOKE ALL ON FUNCTION
    presently.capture(regclass, text, text[], text), presently.release(regclass),
    presently.check_capturable(regclass), presently.check_columns(regclass, text[], text[], text)
FROM PUBLIC;
