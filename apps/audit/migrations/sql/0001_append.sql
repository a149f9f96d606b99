-- The only write. The caller says what happened; when, in which transaction and under which number is not the caller's to say.
SET LOCAL ROLE ankang_audit;
CREATE FUNCTION audit.append(event jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    known CONSTANT text[] := ARRAY[
        'action', 'outcome', 'reason', 'actor', 'role', 'institution', 'session', 'workstation', 'card_kind', 'card_serial',
        'card_proof_at', 'ip', 'service', 'object_type', 'object_id', 'patient', 'purpose', 'consent', 'consent_reference',
        'result_count', 'entitlement_id', 'grant_id', 'policy_version', 'request_id', 'detail'];
    said audit.event;
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
    -- Parsed once; ->> for each part takes 1.8 times as long (docs/adr/0002-audit-schema.md).
    said := jsonb_populate_record(NULL::audit.event, event);
    INSERT INTO audit.event (
        xid, recorded_at, shard, schema_version, salt, action, outcome, reason, actor, role, institution, session, workstation,
        card_kind, card_serial, card_proof_at, ip, service, object_type, object_id, patient, purpose, consent,
        consent_reference, result_count, entitlement_id, grant_id, policy_version, request_id, detail)
    SELECT
        pg_current_xact_id(), clock_timestamp(), shard.number, 1, uuid_send(gen_random_uuid()),
        said.action, coalesce(said.outcome, 'permitted'), coalesce(said.reason, ''), said.actor, coalesce(said.role, ''),
        said.institution, said.session, said.workstation, coalesce(said.card_kind, ''), coalesce(said.card_serial, ''),
        said.card_proof_at, said.ip, coalesce(said.service, ''), coalesce(said.object_type, ''),
        coalesce(said.object_id, ''), said.patient, coalesce(said.purpose, ''), coalesce(said.consent, ''),
        coalesce(said.consent_reference, ''), said.result_count, said.entitlement_id, said.grant_id,
        coalesce(said.policy_version, ''), said.request_id, coalesce(said.detail, '{}')
    FROM audit.shard
    RETURNING id INTO STRICT number;
    RETURN number;
END $$;

REVOKE ALL ON FUNCTION audit.append(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.append(jsonb) TO ankang_app;
SET LOCAL ROLE NONE;
