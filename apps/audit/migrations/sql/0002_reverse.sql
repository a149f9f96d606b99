-- Undoing the seals is for a database without any; a sealed log stays sealed.
SET LOCAL ROLE ankang_audit;
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.checkpoint) THEN
        RAISE EXCEPTION 'the access log is sealed and its seals are not dropped';
    END IF;
END $$;
DROP FUNCTION audit.open_shard(integer, text);
DROP TABLE audit.cosignature, audit.checkpoint, audit.tile;
DROP INDEX audit.event_by_number;
REVOKE SELECT ON audit.shard FROM ankang_app;
REVOKE USAGE ON SCHEMA audit FROM ankang_witness;
SET LOCAL ROLE NONE;
