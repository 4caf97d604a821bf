-- Document ids, as schemas/ids.py has them; both are held to schemas/golden/documents.json.

-- One word: each UTF-8 byte outside [A-Za-z0-9_~-] becomes %XX.
CREATE FUNCTION presently.word(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bytes bytea;
BEGIN
    IF value ~ '^[A-Za-z0-9_~-]*$' THEN
        RETURN value;
    END IF;
    bytes := convert_to(value, 'UTF8');
    RETURN (
        SELECT string_agg(
            CASE WHEN byte BETWEEN 48 AND 57 OR byte BETWEEN 65 AND 90 OR byte BETWEEN 97 AND 122
                   OR byte IN (45, 95, 126)
                 THEN chr(byte) ELSE '%' || upper(lpad(to_hex(byte), 2, '0')) END,
            '' ORDER BY place)
        FROM generate_series(0, octet_length(bytes) - 1) AS place,
             LATERAL get_byte(bytes, place) AS byte);
END $$;

-- Whether `document` is 2 to 5 words joined by '.', at most 200 bytes.
CREATE FUNCTION presently.is_document(document text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        octet_length(document) <= 200
        AND document ~ ('^(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}'
                        '(?:\.(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}){1,4}$')
        AND document !~ '\n', false)
$$;

-- The id of a document from plain words: presently.document_id('page', 'a/b') = 'page.a%2Fb'.
CREATE FUNCTION presently.document_id(VARIADIC words text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    document text;
BEGIN
    IF words[array_upper(words, 1)] = '~' THEN
        words[array_upper(words, 1)] := '%7E';
        document := array_to_string(
            ARRAY(SELECT presently.word(w) FROM unnest(words[:array_upper(words, 1) - 1]) AS w)
            || '%7E'::text, '.');
    ELSE
        document := array_to_string(
            ARRAY(SELECT presently.word(w) FROM unnest(words) AS w), '.');
    END IF;
    IF array_position(words, NULL) IS NOT NULL OR NOT presently.is_document(document) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s do not make a document id', words),
            HINT = '2 to 5 words, none of them empty or NULL, together at most 200 bytes.';
    END IF;
    RETURN document;
END $$;

GRANT EXECUTE ON FUNCTION presently.document_id(text[]) TO PUBLIC;
