-- Two roles for a registry on PostgreSQL: who owns the tables, and who works with them.
--
--   uketori_owner  makes and migrates the tables: `verifier init` and `verifier restore` alone
--   uketori        everything else. It adds to the journal and its checkpoints, and cannot change,
--                  delete or empty them, nor drop the triggers that forbid it.
--
-- Run it as a superuser in the registry's database, once `verifier init` has made the tables, and
-- again after every `verifier init` of a newer program; it may be run at any time:
--
--   psql -d uketori -v ON_ERROR_STOP=1 -1 -f postgresql-roles.sql
--
-- Then give both roles a way to sign in (\password, or a line each in pg_hba.conf). `registry` in
-- verifier.toml, issuer.toml and kiosk.toml names uketori; a verifier.toml of its own, which only the
-- administrator can read, names uketori_owner for `verifier init` and `verifier restore`.
-- Superusers and uketori_owner can still change everything: the checkpoints' copy elsewhere is for that.

DO $$
DECLARE
    thing text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'uketori_owner') THEN
        CREATE ROLE uketori_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'uketori') THEN
        CREATE ROLE uketori LOGIN;
    END IF;
    IF pg_has_role('uketori', 'uketori_owner', 'MEMBER') THEN
        RAISE EXCEPTION 'uketori is a member of uketori_owner, or a superuser';
    END IF;
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO uketori, uketori_owner',
                   current_database());
    FOR thing IN SELECT format('TABLE %I', tablename) FROM pg_tables WHERE schemaname = 'public'
        UNION ALL SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
                  WHERE pronamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER %s OWNER TO uketori_owner', thing);
    END LOOP;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC, uketori;
GRANT USAGE, CREATE ON SCHEMA public TO uketori_owner;
GRANT USAGE ON SCHEMA public TO uketori;

-- Tables of a later migration, too.
ALTER DEFAULT PRIVILEGES FOR ROLE uketori_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO uketori;
ALTER DEFAULT PRIVILEGES FOR ROLE uketori_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO uketori;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, uketori;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO uketori;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO uketori;

-- What is only ever added to.
REVOKE UPDATE, DELETE ON journal, checkpoints FROM uketori;
-- Which program made the tables is the owner's to say.
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM uketori;
