-- How a writer may wake a relay that sleeps between two looks at the outbox.
--
-- A transaction that notifies holds a lock of the whole cluster while its commit is written to
-- disk, so such commits come one after another; and it cannot be prepared (two-phase commit). So
-- the trigger is disabled unless a relay asks for it, and even then notifies only while `notify`.

SET LOCAL lock_timeout = '5s';

CREATE TABLE presently.wake (
    name   text PRIMARY KEY,
    notify boolean NOT NULL DEFAULT false  -- the relay sleeps (or always wants to be woken)
);
INSERT INTO presently.wake (name) VALUES ('main');

CREATE FUNCTION presently.on_outbox() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT w.notify FROM presently.wake AS w WHERE w.name = 'main') THEN
        PERFORM pg_notify('presently', '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER presently_wake AFTER INSERT ON presently.outbox
    FOR EACH STATEMENT EXECUTE FUNCTION presently.on_outbox();
ALTER TABLE presently.outbox DISABLE TRIGGER presently_wake;

-- Enable or disable the trigger. False if writers were in the way just now: try again later, they
-- do not wait for us. Open to who may move the relay's cursor.
CREATE FUNCTION presently.wake_trigger(wanted boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
AS $$
BEGIN
    IF NOT has_table_privilege(session_user, 'presently.relay', 'UPDATE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = format('%I may not move the relay''s cursor', session_user);
    END IF;
    IF wanted = (SELECT t.tgenabled <> 'D' FROM pg_trigger AS t
                 WHERE t.tgrelid = 'presently.outbox'::regclass AND t.tgname = 'presently_wake') THEN
        RETURN true;
    END IF;
    EXECUTE format('ALTER TABLE presently.outbox %s TRIGGER presently_wake',
                   CASE WHEN wanted THEN 'ENABLE' ELSE 'DISABLE' END);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;

REVOKE ALL ON FUNCTION presently.on_outbox() FROM PUBLIC;

-- Whoever could relay before can relay now.
DO $$
DECLARE
    role text;
BEGIN
    FOR role IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END
        FROM pg_class AS c, aclexplode(c.relacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'presently.relay'::regclass AND a.privilege_type = 'UPDATE'
    LOOP
        EXECUTE format('GRANT SELECT, UPDATE ON presently.wake TO %s', role);
    END LOOP;
END $$;
