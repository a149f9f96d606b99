SET LOCAL ROLE ankang_audit;
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.retired) THEN
        RAISE EXCEPTION 'months were retired, and that is not forgotten';
    END IF;
END $$;
DROP FUNCTION audit.retire_month(date, bigint, text);
DROP TABLE audit.retired;
REVOKE SELECT ON audit.event, audit.tile, audit.checkpoint, audit.cosignature, audit.shard FROM ankang_retention;
SET LOCAL ROLE NONE;
