-- A captured table's trigger function is written for that table: its columns by name, no loops.
-- What is written here is what `presently.capture` puts between the $$ of that function.

-- An expression for the document of `rec`. NULL: a placeholder is NULL. '': there is no such id.
CREATE FUNCTION presently.document_code(tbl regclass, template text, rec text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    pieces constant text[] := presently.pieces_of(template);
    parts  text[] := '{}';
    size   integer := 0;
    sure   boolean := true;
    column_ record;
BEGIN
    FOR n IN 1 .. cardinality(pieces) LOOP
        IF n % 2 = 1 THEN
            parts := parts || quote_literal(pieces[n]);
            size := size + length(pieces[n]);
        ELSE
            SELECT * INTO STRICT column_ FROM presently.traits(tbl, rec) AS t WHERE t.name = pieces[n];
            parts := parts || CASE WHEN column_.short THEN column_.plain
                                   ELSE format('presently.word(%s)', column_.plain) END;
            size := size + 36;
            sure := sure AND column_.short;
        END IF;
    END LOOP;
    RETURN format(CASE WHEN sure AND size <= 80 THEN '%s' ELSE 'presently.possible(%s)' END,
                  array_to_string(parts, ' || '));
END $$;

-- `jsonb_build_object('title', NEW.title, …)`, in pieces: a function takes at most 100 arguments.
CREATE FUNCTION presently.object_code(tbl regclass, names text[], rec text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(string_agg(format('jsonb_build_object(%s)', p.pairs), ' || ' ORDER BY p.part), '''{}''::jsonb')
    FROM (SELECT (w.place - 1) / 40 AS part,
                 string_agg(format('%L, %s', t.name, t.value), ', ' ORDER BY w.place) AS pairs
          FROM unnest(names) WITH ORDINALITY AS w(name, place)
          JOIN presently.traits(tbl, rec) AS t ON t.name = w.name
          GROUP BY 1) AS p
$$;

-- Statements that put the values of `names` into `target`, and the names of the long ones into `omitted`.
CREATE FUNCTION presently.values_code(
    tbl regclass, names text[], rec text, target text, only_changed boolean
) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    any_long  constant text := (
        SELECT string_agg(t.long, ' OR ') FROM presently.traits(tbl, rec) AS t WHERE t.name = ANY (names));
    at_once   constant text := format(E'%s := %s;\n', target, presently.object_code(tbl, names, rec));
    one_by_one text;
BEGIN
    IF any_long IS NULL AND NOT only_changed THEN
        RETURN at_once;
    END IF;
    SELECT format(E'%s := ''{}'';\n', target) || string_agg(
        CASE WHEN only_changed THEN format(E'IF %L = ANY (changed) THEN\n', t.name) ELSE '' END
        || CASE WHEN t.long IS NULL THEN one.put
                ELSE format(E'IF %s THEN omitted := array_append(array_remove(omitted, %L), %2$L);\n'
                            'ELSE %sEND IF;' || E'\n', t.long, t.name, one.put) END
        || CASE WHEN only_changed THEN E'END IF;\n' ELSE '' END, '' ORDER BY w.place)
    INTO one_by_one
    FROM unnest(names) WITH ORDINALITY AS w(name, place)
    JOIN presently.traits(tbl, rec) AS t ON t.name = w.name,
    LATERAL (SELECT format(E'%1$s := %1$s || jsonb_build_object(%2$L, %3$s);\n', target, t.name, t.value)
             AS put) AS one;
    RETURN CASE WHEN only_changed OR one_by_one IS NULL
                THEN coalesce(one_by_one, format(E'%s := ''{}'';\n', target))
                ELSE format(E'IF %s THEN\n%sELSE\n%sEND IF;\n', any_long, one_by_one, at_once) END;
END $$;

-- The document of `rec`, or an array of them.
CREATE FUNCTION presently.documents_code(tbl regclass, documents text[], rec text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN cardinality(documents) = 1 THEN min(code)
                ELSE format('ARRAY[%s]::text[]', string_agg(code, ', ' ORDER BY place)) END
    FROM unnest(documents) WITH ORDINALITY AS d(template, place),
         presently.document_code(tbl, template, rec) AS code
$$;

-- `template` with each @name@ replaced, all in one go: what is put in is not looked at again.
CREATE FUNCTION presently.filled(template text, parts jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(CASE WHEN place % 2 = 1 THEN piece ELSE parts ->> piece END, '' ORDER BY place)
    FROM unnest(string_to_array(template, '@')) WITH ORDINALITY AS t(piece, place)
$$;

-- The body of the trigger function of a captured table. `counter` is a setting of its own in which a
-- statement counts its rows. Nothing may leave it but a cancellation: the writer's statement would fail.
CREATE FUNCTION presently.row_code(
    tbl regclass, documents text[], columns text[], actor text, before boolean, collapse integer,
    counter text
) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Most tables are captured plainly, and most of their rows are plain, too.
    quick    constant boolean := cardinality(documents) = 1 AND NOT before AND collapse IS NULL;
    one      constant boolean := cardinality(documents) = 1;
    whole    constant boolean := columns = '{*}';
    given    pg_class;
    natts    integer;
    known    constant text[] := ARRAY(SELECT name FROM presently.traits(tbl, 'NEW') ORDER BY place);
    named    constant text[] := CASE WHEN whole THEN known ELSE columns END;
    old_ones constant text[] := ARRAY(
        SELECT n.name FROM unnest(named) WITH ORDINALITY AS n(name, place)
        WHERE before AND NOT presently.is_secret(n.name) ORDER BY n.place);
    holders  constant text[] := presently.holders_of(documents);
    keys     constant text[] := presently.keys_of(tbl, documents);
    asked    constant text[] := holders || keys || named || array_remove(ARRAY[actor], NULL);
    nowhere  constant text := CASE WHEN cardinality(documents) = 1 THEN '''''' ELSE
        presently.array_code(array_fill(''::text, ARRAY[cardinality(documents)])) END;
BEGIN
    SELECT * INTO STRICT given FROM pg_class WHERE oid = tbl;
    natts := CASE WHEN given.relkind = 'r' AND given.relnatts = cardinality(known) THEN given.relnatts END;
    RETURN presently.filled($code$
-- Written by presently.capture; capturing again writes it anew.
DECLARE
    actor   text;
    ctx     jsonb;
    key     jsonb;
    after   jsonb;
    before  jsonb;
    data    jsonb;
    gone    jsonb;
    changed text[];
    omitted text[];
    back    text[];
    was     @places@;
    is_now  @places@;
    placed  boolean;
    quick   boolean;
    counts  text;
    counted integer;
    slow    record;
BEGIN
    <<work>>
    BEGIN
@over@
        IF TG_OP = 'UPDATE' THEN
            changed := array_remove(ARRAY[@changed@]::text[], NULL);
            IF changed = '{}' AND record_image_eq(OLD, NEW) THEN
                RETURN NULL;
            END IF;
        END IF;
@quick@
        IF current_setting('presently.context', true) <> '' THEN
            ctx := presently.current_context();
        END IF;
        actor := presently.current_actor();
@count@
        IF TG_OP = 'DELETE' THEN
            IF @old_strange@ THEN RAISE datatype_mismatch; END IF;
            was := @old_document@;
            key := @old_key@;
            placed := true;
            gone := jsonb_build_object('op', 'd', 'entity', @entity@, 'key', key);
        ELSE
            IF @new_strange@ THEN RAISE datatype_mismatch; END IF;
            is_now := @new_document@;
            key := @new_key@;
            IF TG_OP = 'UPDATE' THEN
                was := CASE WHEN changed && @holders@ THEN @old_document@ ELSE is_now END;
                IF was IS DISTINCT FROM is_now THEN
                    gone := jsonb_build_object('op', 'd', 'entity', @entity@, 'key', @old_key@);
                END IF;
            END IF;
            placed := gone IS NULL;
            @actor@
        END IF;
        IF @somewhere@ THEN
            @after@
            IF @updated@ THEN
                data := jsonb_build_object(
                    'op', 'u', 'entity', @entity@, 'key', key, 'changed', changed@put_after@);
                @before@
            ELSE
                data := jsonb_build_object('op', 'c', 'entity', @entity@, 'key', key@put_after@);
            END IF;
            IF omitted IS NOT NULL THEN
                data := data || jsonb_build_object('omitted', omitted);
            END IF;
            IF ctx IS NOT NULL THEN
                data := data || jsonb_build_object('ctx', ctx);
            END IF;
            IF pg_column_size(data) > 8000 THEN
                data := presently.shrunk(data);
            END IF;
        END IF;
        IF gone IS NOT NULL THEN
            @gone_before@
            IF ctx IS NOT NULL THEN
                gone := gone || jsonb_build_object('ctx', ctx);
            END IF;
            IF pg_column_size(gone) > 8000 THEN
                gone := presently.shrunk(gone);
            END IF;
        END IF;
    EXCEPTION WHEN OTHERS THEN  -- a column is not what it was, or a value is none for JSON
        ctx := presently.current_context();
        actor := presently.current_actor();
        SELECT * INTO slow FROM presently.slowly(
            TG_OP, TG_RELID, OLD, NEW, @entity@, @slow@, ctx);
        IF slow.told THEN
            was := @slow_was@;
            is_now := @slow_is_now@;
            actor := coalesce(actor, slow.said_by);
            gone := CASE WHEN was IS DISTINCT FROM is_now THEN slow.gone END;
            data := slow.data;
            IF @moved@ THEN
                data := data - '{changed,before}'::text[] || '{"op": "c"}';
            END IF;
        ELSIF placed THEN
            data := jsonb_build_object(
                'op', CASE TG_OP WHEN 'INSERT' THEN 'c' WHEN 'UPDATE' THEN 'u' ELSE 'd' END,
                'entity', @entity@, 'key', key, 'omitted', '{*}'::text[]);
            IF TG_OP = 'DELETE' THEN
                gone := data;
            END IF;
        ELSE
            was := NULL;
            is_now := @nowhere@;
        END IF;
    END;
@quick_tell@
@tell@
    RETURN NULL;
END $code$, jsonb_build_object(
        'entity', quote_literal(given.relname),
        'quick', CASE WHEN quick THEN presently.quick_code(
            tbl, documents[1], keys, named, actor, natts, given.relkind = 'p') ELSE '' END,
        'quick_tell', CASE WHEN quick THEN $part$
    IF quick THEN
        INSERT INTO presently.outbox (document, type, actor, data)
        VALUES (is_now, 'presently.change', actor, data);
        RETURN NULL;
    END IF;$part$ ELSE '' END,
        'places', CASE WHEN one THEN 'text' ELSE 'text[]' END,
        'nowhere', nowhere,
        'somewhere', CASE WHEN one THEN 'is_now <> ''''' ELSE 'array_to_string(is_now, '''') <> ''''' END,
        'updated', CASE WHEN one THEN 'was = is_now' ELSE 'TG_OP = ''UPDATE''' END,
        'slow', format('%s, %s, %s, %L, %L', presently.array_code(documents), presently.array_code(keys),
                       presently.array_code(columns), before, actor),
        'slow_was', CASE WHEN one THEN 'slow.was[1]' ELSE 'slow.was' END,
        'slow_is_now', CASE WHEN one THEN 'slow.is_now[1]' ELSE 'slow.is_now' END,
        'moved', CASE WHEN one THEN 'TG_OP = ''UPDATE'' AND was IS DISTINCT FROM is_now' ELSE 'false' END,
        'over', CASE WHEN collapse IS NULL THEN '' ELSE format($part$
        counts := current_setting(%L, true);
        IF split_part(counts, '/', 1) = statement_timestamp()::text THEN
            counted := split_part(counts, '/', 2)::integer;
            IF counted > %s THEN
                RETURN NULL;
            END IF;
        END IF;$part$, counter, collapse) END,
        'count', CASE WHEN collapse IS NULL THEN '' ELSE format($part$
        counted := coalesce(counted, 0) + 1;
        PERFORM set_config(%L, statement_timestamp()::text || '/' || counted, true);
        IF counted > %s THEN
            is_now := %s;
            EXIT work;
        END IF;$part$, counter, collapse, nowhere) END,
        -- Two pointers at one long value (PostgreSQL 17) need not be followed to know that it is the same.
        'changed', coalesce((
            SELECT string_agg(format(
                'CASE ' || CASE WHEN t.long IS NOT NULL AND current_setting('server_version_num')::int >= 170000
                    THEN 'WHEN pg_column_toast_chunk_id(OLD.%2$s) = pg_column_toast_chunk_id(NEW.%2$s) THEN NULL '
                    ELSE '' END || 'WHEN record_image_ne(ROW(OLD.%2$s), ROW(NEW.%2$s)) THEN %1$L END', t.name, presently.quoted(t.name)),
                E',\n                ' ORDER BY t.place)
            FROM presently.traits(tbl, 'NEW') AS t
            WHERE whole OR t.name = ANY (columns) OR NOT t.secret), ''),
        'old_strange', presently.strange_code(tbl, asked, 'OLD'),
        'new_strange', presently.strange_code(tbl, asked, 'NEW'),
        'old_document', presently.documents_code(tbl, documents, 'OLD'),
        'new_document', presently.documents_code(tbl, documents, 'NEW'),
        'old_key', presently.object_code(tbl, keys, 'OLD'),
        'new_key', presently.object_code(tbl, keys, 'NEW'),
        'holders', presently.array_code(holders),
        -- The column says who wrote last; of a deletion it knows nothing.
        'actor', coalesce((
            SELECT format('actor := coalesce(actor, nullif(left(%s, 128), ''''));', plain)
            FROM presently.traits(tbl, 'NEW') WHERE name = row_code.actor), ''),
        'after', CASE WHEN named = '{}' THEN ''
                      ELSE presently.values_code(tbl, named, 'NEW', 'after', false) END,
        'put_after', CASE WHEN named = '{}' THEN '' ELSE ', ''after'', after' END,
        'before', CASE WHEN old_ones = '{}' THEN '' ELSE
            presently.values_code(tbl, old_ones, 'OLD', 'before', true)
            || 'data := data || jsonb_build_object(''before'', before);' END,
        'gone_before', CASE WHEN old_ones = '{}' THEN '' ELSE
            'omitted := NULL; ' || presently.values_code(tbl, old_ones, 'OLD', 'before', false)
            || 'gone := gone || jsonb_build_object(''before'', before) || CASE WHEN omitted IS NULL '
               'THEN ''{}'' ELSE jsonb_build_object(''omitted'', omitted) END;' END,
        'tell', presently.tell_code(
            given.relname, documents, given.relkind = 'p', natts, known, whole)));
END $$;

REVOKE ALL ON FUNCTION
    presently.document_code(regclass, text, text), presently.object_code(regclass, text[], text),
    presently.values_code(regclass, text[], text, text, boolean),
    presently.documents_code(regclass, text[], text),
    presently.filled(text, jsonb),
    presently.row_code(regclass, text[], text[], text, boolean, integer, text)
FROM PUBLIC;
