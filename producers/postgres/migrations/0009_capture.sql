-- Capturing a table: a function written for it, the triggers that call it, and a note of what was asked.
ALTER TABLE presently.captured
    ADD COLUMN also    text[] NOT NULL DEFAULT '{}',   -- templates after the first
    ADD COLUMN before  boolean NOT NULL DEFAULT false,
    ADD COLUMN collapse integer,
    ADD COLUMN shape   jsonb NOT NULL DEFAULT '{}';    -- column → type, as they were

DROP FUNCTION presently.capture(regclass, text, text[], text);
DROP FUNCTION presently.check_columns(regclass, text[], text[], text);

-- The way of nearly every row: one document, at which it stays, nothing long, no context, the columns
-- that were there. In a transaction of one row each expression costs a microsecond, so there are few.
CREATE FUNCTION presently.quick_code(
    tbl regclass, document text, keys text[], named text[], actor text, natts integer, partitioned boolean
) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT presently.filled($code$
        IF @ordinary@ THEN
            is_now := @document@;
            actor := coalesce(presently.current_actor()@actor@);
            data := CASE WHEN TG_OP = 'UPDATE' THEN jsonb_build_object(
                'op', 'u', 'entity', @entity@, 'key', @key@, 'changed', changed@after@)
                ELSE jsonb_build_object('op', 'c', 'entity', @entity@, 'key', @key@@after@) END;
            quick := is_now <> '' AND pg_column_size(data) <= 8000;
            IF quick THEN
                EXIT work;
            END IF;
        END IF;$code$, jsonb_build_object(
        'ordinary', format('TG_OP %s ''DELETE'' AND (%s OR changed && %s OR %s OR %s) IS NOT TRUE AND %s',
            CASE WHEN partitioned THEN '= ''UPDATE'' AND TG_OP <>' ELSE '<>' END,
            presently.strange_code(tbl, keys || named || presently.holders_of(ARRAY[document])
                                        || array_remove(ARRAY[actor], NULL), 'NEW'),
            presently.array_code(presently.holders_of(ARRAY[document])),
            'current_setting(''presently.context'', true) <> ''''',
            coalesce((SELECT string_agg(long, ' OR ') FROM presently.traits(tbl, 'NEW')
                      WHERE name = ANY (named)), 'false'),
            presently.same_columns_code(natts, cardinality(ARRAY(SELECT 1 FROM presently.traits(tbl, 'NEW'))))),
        'document', presently.document_code(tbl, document, 'NEW'),
        'key', presently.object_code(tbl, keys, 'NEW'),
        'after', CASE WHEN named = '{}' THEN ''
                      ELSE ', ''after'', ' || presently.object_code(tbl, named, 'NEW') END,
        'actor', coalesce((SELECT format(', nullif(left(%s, 128), '''')', plain)
                           FROM presently.traits(tbl, 'NEW') WHERE name = quick_code.actor), ', NULL'),
        'entity', (SELECT quote_literal(relname) FROM pg_class WHERE oid = tbl)))
$$;

-- The name of the trigger function of `tbl`: the one it has, else a new one.
CREATE FUNCTION presently.row_function_name(tbl regclass) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name constant text := 'row_of_' || (
        SELECT left(regexp_replace(lower(relname), '[^a-z0-9_]+', '_', 'g'), 40) FROM pg_class WHERE oid = tbl);
BEGIN
    RETURN coalesce(
        (SELECT p.proname FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
         WHERE t.tgrelid = tbl AND t.tgname = '0_presently_row' AND t.tgparentid = 0),
        (SELECT n.free FROM generate_series(1, 10000) AS g,
                LATERAL (SELECT name || CASE WHEN g > 1 THEN '_' || g ELSE '' END AS free) AS n
         WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = n.free) ORDER BY g LIMIT 1));
END $$;

-- Whoever captures: the function has the rights of the schema's owner. Only who may attach a partition
-- to the table may put it on one; on a table of their own it would tell what never happened.
CREATE FUNCTION presently.entrust(function_name text, tbl regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    house constant oid := (SELECT nspowner FROM pg_namespace WHERE nspname = 'presently');
    owner constant oid := (SELECT relowner FROM pg_class WHERE oid = tbl);
    given pg_proc;
BEGIN
    SELECT * INTO STRICT given FROM pg_proc
    WHERE pronamespace = 'presently'::regnamespace AND proname = function_name;
    IF given.proowner <> house AND pg_has_role(house, 'MEMBER') THEN
        EXECUTE format('ALTER FUNCTION presently.%I() OWNER TO %s', function_name, house::regrole);
    END IF;
    IF has_function_privilege('public', given.oid, 'EXECUTE')
       OR NOT has_function_privilege(owner, given.oid, 'EXECUTE') THEN
        EXECUTE format('REVOKE ALL ON FUNCTION presently.%I() FROM PUBLIC', function_name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION presently.%I() TO %s', function_name, owner::regrole);
    END IF;
END $$;

-- Triggers are left alone while they are right: making one waits for whoever writes the table.
CREATE FUNCTION presently.set_triggers(tbl regclass, function_name text, documents text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entity constant text := (SELECT relname FROM pg_class WHERE oid = tbl);
    lists  constant text := ARRAY(SELECT DISTINCT presently.list_of(d) FROM unnest(documents) AS d ORDER BY 1);
    part   regclass;
    there  boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
                   WHERE t.tgrelid = tbl AND t.tgname = '0_presently_row' AND p.proname = function_name) THEN
        -- Named so as to come before others: what a trigger of the user's writes is told after it.
        EXECUTE format('CREATE OR REPLACE TRIGGER "0_presently_row" AFTER INSERT OR UPDATE OR DELETE ON %s '
                       'FOR EACH ROW EXECUTE FUNCTION presently.%I()', tbl, function_name);
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = tbl AND tgname = 'presently_row') THEN
        EXECUTE format('DROP TRIGGER presently_row ON %s', tbl);
    END IF;
    -- TRUNCATE of a partition is told by a trigger of its own: these are not handed down.
    FOR part IN SELECT tbl UNION SELECT p.relid FROM pg_partition_tree(tbl) AS p
                JOIN pg_class AS c ON c.oid = p.relid AND c.relkind IN ('r', 'p') LOOP
        SELECT INTO there t.tgargs = convert_to(entity, getdatabaseencoding()) || '\x00'::bytea
                                     || convert_to(lists, getdatabaseencoding()) || '\x00'::bytea
        FROM pg_trigger AS t WHERE t.tgrelid = part AND t.tgname = 'presently_truncate';
        IF lists = '{""}' AND there IS NOT NULL THEN
            EXECUTE format('DROP TRIGGER presently_truncate ON %s', part);
        ELSIF lists <> '{""}' AND there IS NOT TRUE THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER presently_truncate AFTER TRUNCATE ON %s '
                           'FOR EACH STATEMENT EXECUTE FUNCTION presently.on_truncate(%L, %L)', part, entity, lists);
        END IF;
    END LOOP;
END $$;

-- No longer capture `tbl`. False if it was not.
CREATE OR REPLACE FUNCTION presently.release(tbl regclass) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    part regclass;
BEGIN
    DELETE FROM presently.captured AS c WHERE c.tbl = release.tbl;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TRIGGER IF EXISTS "0_presently_row" ON %s', release.tbl);
    EXECUTE format('DROP TRIGGER IF EXISTS presently_row ON %s', release.tbl);
    FOR part IN SELECT t.tgrelid FROM pg_trigger AS t WHERE t.tgname = 'presently_truncate'
                AND (t.tgrelid = release.tbl OR t.tgrelid IN (SELECT relid FROM pg_partition_tree(release.tbl))) LOOP
        EXECUTE format('DROP TRIGGER presently_truncate ON %s', part);
    END LOOP;
    PERFORM presently.forget_dropped();
    RETURN true;
END $$;

-- What was written for tables that are no longer captured, or no longer there.
CREATE FUNCTION presently.forget_dropped() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unused regprocedure;
BEGIN
    DELETE FROM presently.captured AS c WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = c.tbl);
    FOR unused IN SELECT p.oid FROM pg_proc AS p
                  WHERE p.pronamespace = 'presently'::regnamespace AND starts_with(p.proname, 'row_of_')
                    AND pg_has_role(p.proowner, 'USAGE')
                    AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = p.oid) LOOP
        EXECUTE format('DROP FUNCTION %s', unused);
    END LOOP;
END $$;

-- Every committed change of a row of `tbl`, by any writer, becomes a presently.change event.
--     SELECT presently.capture('public.article', 'article.{id}',
--                              columns => '{title,status}', actor => 'updated_by');
-- {column} stands for the row's value, percent-encoded. Only the key and the names of changed
-- columns leave the database; `columns` names those whose values go with them ('{*}': the whole
-- row), `before` adds the values they had. `actor` is the column that says who wrote; SET LOCAL
-- presently.actor goes before it. Above `collapse` rows in a statement the rest is told as one
-- "fetch anew". May be run again: the last call counts. docs/capture.md has it all.
CREATE FUNCTION presently.capture(
    tbl regclass, document text[], columns text[] DEFAULT '{}', actor text DEFAULT NULL,
    before boolean DEFAULT false, collapse integer DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    columns   constant text[] := CASE WHEN '*' = ANY (capture.columns) THEN '{*}'
                                      ELSE coalesce(capture.columns, '{}') END;
    documents text[];
    wanted    presently.captured;
    present   presently.captured;
    name      text;
    code      text;
BEGIN
    PERFORM presently.check_capturable(capture.tbl);
    PERFORM pg_advisory_xact_lock(hashtext('presently.capture'));
    documents := presently.checked_documents(capture.tbl, capture.document, capture.collapse);
    PERFORM presently.check_columns(capture.tbl, array_remove(columns, '*'), 'columns');
    PERFORM presently.check_columns(capture.tbl, array_remove(ARRAY[capture.actor], NULL), 'actor');
    PERFORM presently.forget_dropped();

    SELECT * INTO present FROM presently.captured AS c WHERE c.tbl = capture.tbl;
    wanted := ROW(capture.tbl, documents[1], columns, capture.actor, coalesce(present.at, now()),
                  documents[2:], coalesce(capture.before, false), capture.collapse,
                  presently.shape_of(capture.tbl));
    name := presently.row_function_name(capture.tbl);
    code := presently.row_code(capture.tbl, documents, columns, capture.actor, wanted.before,
                               wanted.collapse, 'presently.' || name);
    IF NOT EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = 'presently'::regnamespace
                   AND p.proname = name AND p.prosrc = code)
       OR wanted.shape IS DISTINCT FROM present.shape THEN  -- running sessions look at the types anew
        EXECUTE format('CREATE OR REPLACE FUNCTION presently.%I() RETURNS trigger LANGUAGE plpgsql '
                       'SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L', name, code);
        wanted.at := now();
    END IF;
    PERFORM presently.entrust(name, capture.tbl);
    PERFORM presently.set_triggers(capture.tbl, name, documents);
    IF wanted IS DISTINCT FROM present THEN
        DELETE FROM presently.captured AS c WHERE c.tbl = capture.tbl;
        INSERT INTO presently.captured VALUES (wanted.*);
    END IF;
END $$;

CREATE FUNCTION presently.capture(
    tbl regclass, document text, columns text[] DEFAULT '{}', actor text DEFAULT NULL,
    before boolean DEFAULT false, collapse integer DEFAULT NULL
) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT presently.capture(tbl, ARRAY[document], columns, actor, before, collapse)
$$;

-- What is captured, and what is wrong with it (NULL: nothing).
CREATE OR REPLACE VIEW presently.captures AS
SELECT format('%I.%I', n.nspname, r.relname) AS tbl, c.document, c.columns, c.actor,
       '*' = ANY (c.columns) AS whole_row,
       CASE
           WHEN t.oid IS NULL THEN 'its trigger is gone: capture it again'
           WHEN t.tgenabled = 'D' THEN 'its trigger is disabled: ALTER TABLE … ENABLE TRIGGER'
           WHEN NOT presently.shape_of(c.tbl) ?& (
               presently.holders_of(c.document || c.also) || array_remove(c.columns, '*')
               || array_remove(ARRAY[c.actor], NULL))
               THEN 'a column it asks for is gone: capture it again'
           WHEN NOT presently.shape_of(c.tbl) @> c.shape
               THEN 'its columns are not what they were, and that makes it slow: capture it again'
       END AS problem,
       c.document || c.also AS documents, c.before, c.collapse
FROM presently.captured AS c
JOIN pg_class AS r ON r.oid = c.tbl
JOIN pg_namespace AS n ON n.oid = r.relnamespace
LEFT JOIN pg_trigger AS t ON t.tgrelid = c.tbl AND t.tgparentid = 0
    AND t.tgname IN ('0_presently_row', 'presently_row');

-- Tables captured before: the same, with a function of their own. One that is busy for five seconds, or
-- whose capture asks for a column that is gone, keeps its old trigger until it is captured again.
DO $$
DECLARE
    was presently.captured;
BEGIN
    SET LOCAL lock_timeout = '5s';
    FOR was IN SELECT c.* FROM presently.captured AS c WHERE EXISTS (
        SELECT FROM pg_class AS r WHERE r.oid = c.tbl) LOOP
        BEGIN
            PERFORM presently.capture(was.tbl, was.document, was.columns, was.actor);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING '% keeps its old trigger until you capture it again: %', was.tbl, SQLERRM;
        END;
    END LOOP;
    SET LOCAL lock_timeout = DEFAULT;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'presently_row') THEN
        DROP FUNCTION presently.on_row();
        DROP FUNCTION presently.document_of(text[], jsonb);
        DROP FUNCTION presently.changed(jsonb, jsonb, text[], text[]);
    END IF;
END $$;

REVOKE ALL ON FUNCTION
    presently.capture(regclass, text, text[], text, boolean, integer),
    presently.capture(regclass, text[], text[], text, boolean, integer),
    presently.quick_code(regclass, text, text[], text[], text, integer, boolean),
    presently.row_function_name(regclass), presently.entrust(text, regclass),
    presently.set_triggers(regclass, text, text[]), presently.forget_dropped()
FROM PUBLIC;
