-- The only write. The caller says what happened; when, in which transaction and under which number is not the caller's to say.
SET LOCAL ROLE ankang_audit;
CREATE FUNCTION audit.append(event jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    known CONSTANT text[] := ARRAY[
        'action', 'outcome', 'reason', 'actor', 'role', 'institution', 'session', 'workstation', 'card_kind', 'card_serial',
        'card_proof_at', 'ip', 'service', 'object_type', 'object_id', 'patient', 'purpose', 'consent', 'consent_reference',
        'result_count', 'entitlement_id', 'grant_id', 'policy_version', 'request_id', 'detail'];
    number bigint;
BEGIN
    IF event IS NULL OR jsonb_typeof(event) <> 'object' THEN
        RAISE EXCEPTION 'an access event is a JSON object' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF event - known <> '{}' THEN
        RAISE EXCEPTION 'an access event has no part %', (SELECT min(key) FROM jsonb_object_keys(event - known) AS key)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF jsonb_typeof(event -> 'detail') <> 'object' THEN
        RAISE EXCEPTION 'the detail of an access event is a JSON object' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Explicit ->> measured against jsonb_populate_record: docs/adr/0002-audit-schema.md.
    INSERT INTO audit.event (
        xid, recorded_at, shard, schema_version, salt, action, outcome, reason, actor, role, institution, session, workstation,
        card_kind, card_serial, card_proof_at, ip, service, object_type, object_id, patient, purpose, consent,
        consent_reference, result_count, entitlement_id, grant_id, policy_version, request_id, detail)
    SELECT
        pg_current_xact_id(), clock_timestamp(), shard.number, 1, uuid_send(gen_random_uuid()),
        event ->> 'action', coalesce(event ->> 'outcome', 'permitted'), coalesce(event ->> 'reason', ''),
        (event ->> 'actor')::uuid, coalesce(event ->> 'role', ''), (event ->> 'institution')::uuid,
        (event ->> 'session')::uuid, (event ->> 'workstation')::uuid, coalesce(event ->> 'card_kind', ''),
        coalesce(event ->> 'card_serial', ''), (event ->> 'card_proof_at')::timestamptz, (event ->> 'ip')::inet,
        coalesce(event ->> 'service', ''), coalesce(event ->> 'object_type', ''), coalesce(event ->> 'object_id', ''),
        (event ->> 'patient')::uuid, coalesce(event ->> 'purpose', ''), coalesce(event ->> 'consent', ''),
        coalesce(event ->> 'consent_reference', ''), (event ->> 'result_count')::integer,
        (event ->> 'entitlement_id')::uuid, (event ->> 'grant_id')::uuid, coalesce(event ->> 'policy_version', ''),
        (event ->> 'request_id')::uuid, coalesce(event -> 'detail', '{}')
    FROM audit.shard
    RETURNING id INTO STRICT number;
    RETURN number;
END $$;

REVOKE ALL ON FUNCTION audit.append(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.append(jsonb) TO ankang_app;
SET LOCAL ROLE NONE;
