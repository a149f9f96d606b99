-- What the journal of a downtime held, told apart from the journal: each digest that is safe on its disk is written down here, so that an
-- end that was cut off is missed (apps.audit.marks). The application adds digests and nothing else; the moment is not its own to say.
SET LOCAL ROLE ankang_audit;
CREATE TABLE audit.kept (
    digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    place uuid NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX kept_at_place ON audit.kept (place, kept_at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.kept
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.kept
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
GRANT SELECT, INSERT (digest, place) ON audit.kept TO ankang_app;
SET LOCAL ROLE NONE;
