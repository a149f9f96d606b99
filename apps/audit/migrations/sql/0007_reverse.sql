SET LOCAL ROLE ankang_audit;
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.kept) THEN
        RAISE EXCEPTION 'a downtime left marks, and they are not forgotten';
    END IF;
END $$;
DROP TABLE audit.kept;
SET LOCAL ROLE NONE;
