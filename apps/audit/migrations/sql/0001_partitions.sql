-- One partition a month (UTC), and a DEFAULT one: an insert without a partition is an error, and with "no row, no data" an outage.
SET LOCAL ROLE ankang_audit;
CREATE TABLE audit.event_default PARTITION OF audit.event DEFAULT;
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.event_default
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- ATTACH instead of CREATE … PARTITION OF: the latter locks the whole table against readers and writers. The lock that is left
-- (the DEFAULT partition) is given up after two seconds, so that no event waits behind a long query.
CREATE FUNCTION audit.ensure_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    month timestamptz;
    name text;
    made integer := 0;
BEGIN
    IF months_ahead IS NULL OR months_ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'months_ahead is between 0 and 24' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('audit.ensure_partitions'));
    FOR step IN 0..months_ahead LOOP
        month := date_trunc('month', clock_timestamp()) + make_interval(months => step);
        name := 'event_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('audit.' || name) IS NOT NULL;
        EXECUTE format('CREATE TABLE audit.%I (LIKE audit.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        EXECUTE format('ALTER TABLE audit.event ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
            name, month, month + interval '1 month');
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT '
            'EXECUTE FUNCTION audit.refuse_change()', name);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Within the next seven days an event falls into a month of its own.
CREATE FUNCTION audit.partitions_ready() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog SET timezone = 'UTC' AS $$
    SELECT bool_and(EXISTS (
        SELECT FROM pg_inherits
        WHERE inhparent = 'audit.event'::regclass AND inhrelid = to_regclass('audit.event_' || to_char(day, 'YYYY_MM'))))
    FROM unnest(ARRAY[now(), now() + interval '7 days']) AS day
$$;

REVOKE ALL ON FUNCTION audit.ensure_partitions(integer), audit.partitions_ready() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.ensure_partitions(integer) TO ankang_app, ankang_owner;
GRANT EXECUTE ON FUNCTION audit.partitions_ready() TO ankang_app, ankang_owner;
SELECT audit.ensure_partitions(3);
SET LOCAL ROLE NONE;
