-- The access log. Everything here belongs to ankang_audit, a role nobody logs in as: the owner of the application's tables
-- can change none of it without saying SET ROLE, and the application can do no more than call audit.append.
CREATE SCHEMA audit AUTHORIZATION ankang_audit;
SET LOCAL ROLE ankang_audit;
GRANT USAGE ON SCHEMA audit TO ankang_owner, ankang_app, ankang_sealer, ankang_retention;

-- The epoch of the transaction numbers: a restored cluster counts xid8 from the start again, so it opens a new shard.
CREATE TABLE audit.shard (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    number smallint NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO audit.shard (number) VALUES (1);

-- Fixed-width columns first, so that no padding is stored between them. No foreign keys: an event outlives what it names.
CREATE TABLE audit.event (
    id bigint GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL,
    recorded_at timestamptz NOT NULL,
    card_proof_at timestamptz,
    result_count integer,
    shard smallint NOT NULL,
    schema_version smallint NOT NULL,
    actor uuid,
    institution uuid,
    session uuid,
    workstation uuid,
    patient uuid,
    entitlement_id uuid,
    grant_id uuid,
    request_id uuid,
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    action text NOT NULL CHECK (action ~ '^[a-z][a-z_]*$'),
    outcome text NOT NULL CHECK (outcome IN ('permitted', 'refused', 'failed')),
    reason text NOT NULL,
    role text NOT NULL,
    card_kind text NOT NULL,
    card_serial text NOT NULL,
    ip inet,
    service text NOT NULL,
    object_type text NOT NULL,
    object_id text NOT NULL,
    purpose text NOT NULL,
    consent text NOT NULL,
    consent_reference text NOT NULL,
    policy_version text NOT NULL,
    detail jsonb NOT NULL,
    -- (shard, xid, id) is the order of sealing: bigserial order is not commit order, and below pg_snapshot_xmin
    -- nothing can appear any more. The partition key has to be part of every unique key.
    PRIMARY KEY (shard, xid, id, recorded_at)
) PARTITION BY RANGE (recorded_at);

-- What auditors search by, newest first; id breaks ties for keyset paging. Events without the key take no index space.
CREATE INDEX event_newest ON audit.event (recorded_at DESC, id DESC);
CREATE INDEX event_of_patient ON audit.event (patient, recorded_at DESC, id DESC) WHERE patient IS NOT NULL;
CREATE INDEX event_by_actor ON audit.event (actor, recorded_at DESC, id DESC) WHERE actor IS NOT NULL;
CREATE INDEX event_at_institution ON audit.event (institution, recorded_at DESC, id DESC) WHERE institution IS NOT NULL;

GRANT SELECT ON audit.event TO ankang_app, ankang_sealer;
GRANT SELECT ON audit.shard TO ankang_sealer;

-- A seat belt for those who could: rights already stop everybody who logs in.
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'access events are append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.event
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
SET LOCAL ROLE NONE;
