-- Undoing the log is for an empty database only; one with events is exported and retired by the retention role.
SET LOCAL ROLE ankang_audit;
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.event) THEN
        RAISE EXCEPTION 'the access log holds events and is not dropped';
    END IF;
END $$;
DROP SCHEMA audit CASCADE;
SET LOCAL ROLE NONE;
