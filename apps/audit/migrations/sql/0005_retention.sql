-- Retention: a month is exported and verified by `manage.py retire_month`, then detached and dropped here, by a role of its own.
-- Tiles and checkpoints stay for ever; what is gone is written down, so that audit_verify knows which leaves have no event any more.
SET LOCAL ROLE ankang_audit;
CREATE TABLE audit.retired (
    month date PRIMARY KEY,
    retired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    events bigint NOT NULL CHECK (events > 0),
    -- Of the archive, as it was verified.
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    numbers int8multirange NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.retired
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.retired
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
GRANT SELECT ON audit.retired TO ankang_app, ankang_sealer, ankang_retention;
GRANT SELECT ON audit.event, audit.tile, audit.checkpoint, audit.cosignature, audit.shard TO ankang_retention;

-- What must hold is asked again here, whatever the caller says: the month is over for as long as the rule wants, as many events
-- as were archived, and every one of them stands in a tile.
CREATE FUNCTION audit.retire_month(month date, archived bigint, sha256 text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    youngest CONSTANT interval := '1 year';
    name text := 'event_' || to_char(retire_month.month, 'YYYY_MM');
    found bigint;
    unsealed bigint;
    held int8multirange;
BEGIN
    IF retire_month.month <> date_trunc('month', retire_month.month)::date
        OR retire_month.month + interval '1 month' + youngest > clock_timestamp() THEN
        RAISE EXCEPTION 'a month is retired a year after its end, at the earliest' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'audit.event'::regclass
                   AND inhrelid = to_regclass('audit.' || name)) THEN
        RAISE EXCEPTION 'there is no month %', name USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('SELECT count(*), range_agg(int8range(id, id, ''[]'')) FROM audit.%I', name) INTO found, held;
    IF found IS DISTINCT FROM retire_month.archived OR found = 0 THEN
        RAISE EXCEPTION '% events were archived, the month has %', retire_month.archived, found
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('SELECT count(*) FROM audit.%I AS event WHERE NOT EXISTS (SELECT FROM '
        '(SELECT unnest(events) AS id FROM audit.tile WHERE level = 0) AS leaf WHERE leaf.id = event.id)', name) INTO unsealed;
    IF unsealed > 0 THEN
        RAISE EXCEPTION '% events of the month are not sealed', unsealed USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO audit.retired (month, events, sha256, numbers) VALUES (retire_month.month, found, retire_month.sha256, held);
    EXECUTE format('ALTER TABLE audit.event DETACH PARTITION audit.%I', name);
    EXECUTE format('DROP TABLE audit.%I', name);
    PERFORM audit.append(jsonb_build_object(
        'action', 'retire_month', 'role', 'SYSTEM', 'object_type', 'month', 'object_id', to_char(retire_month.month, 'YYYY-MM'),
        'result_count', least(found, 2147483647), 'detail', jsonb_build_object('job', 'retire_month', 'sha256', retire_month.sha256)));
    RETURN found;
END $$;
REVOKE ALL ON FUNCTION audit.retire_month(date, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.retire_month(date, bigint, text) TO ankang_retention;
SET LOCAL ROLE NONE;
