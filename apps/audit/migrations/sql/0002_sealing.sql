-- Sealing: an RFC 6962 tree over the events of each shard. What is written here is never changed, so it only ever grows.
SET LOCAL ROLE ankang_audit;

-- Events are looked up by number for their proofs. A block range index is nearly free because numbers rise with time.
CREATE INDEX event_by_number ON audit.event USING brin (id) WITH (pages_per_range = 16, autosummarize = on);

-- Up to 256 hashes of one level, in one or more pieces: what a batch adds to a tile is a piece of it, and nothing is
-- written twice. Level 0 holds leaves and says which event each of them is; one entry of level n + 1 is the root of a
-- whole tile of level n.
CREATE TABLE audit.tile (
    first bigint NOT NULL CHECK (first >= 0),
    shard smallint NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    hashes bytea NOT NULL CHECK (octet_length(hashes) > 0 AND octet_length(hashes) % 32 = 0),
    events bigint[] NOT NULL,
    PRIMARY KEY (shard, level, first),
    CHECK (first % 256 + octet_length(hashes) / 32 <= 256),
    CHECK (cardinality(events) = CASE level WHEN 0 THEN octet_length(hashes) / 32 ELSE 0 END)
);
-- Hashes do not compress; trying costs time.
ALTER TABLE audit.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- One for each batch: how far the sealer read (last_xid, last_event), and what it signed.
CREATE TABLE audit.checkpoint (
    size bigint NOT NULL CHECK (size > 0),
    last_xid xid8 NOT NULL,
    last_event bigint NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    shard smallint NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    PRIMARY KEY (shard, size)
);
-- From an event to the batch that sealed it.
CREATE INDEX checkpoint_by_cursor ON audit.checkpoint (shard, last_xid, last_event, size);

-- What witnesses signed. The line is added to the checkpoint's note when a proof is handed out.
CREATE TABLE audit.cosignature (
    size bigint NOT NULL,
    cosigned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    shard smallint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (shard, size, witness)
);

GRANT USAGE ON SCHEMA audit TO ankang_witness;
GRANT SELECT ON audit.tile, audit.checkpoint, audit.cosignature TO ankang_app, ankang_sealer, ankang_witness;
GRANT INSERT ON audit.tile, audit.checkpoint TO ankang_sealer;
GRANT INSERT ON audit.cosignature TO ankang_witness;
GRANT SELECT ON audit.shard TO ankang_app;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tile', 'checkpoint', 'cosignature'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.%I '
            'FOR EACH ROW EXECUTE FUNCTION audit.refuse_change()', name);
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', name);
    END LOOP;
END $$;

-- A new shard is a new tree: after a restore, or when a witness knows more than this database. That is an event itself.
CREATE FUNCTION audit.open_shard(current integer, why text) RETURNS smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    opened smallint;
BEGIN
    UPDATE audit.shard SET number = shard.number + 1, opened_at = clock_timestamp()
    WHERE shard.number = open_shard.current RETURNING shard.number INTO opened;
    IF opened IS NULL THEN
        RAISE EXCEPTION 'shard % is not the current one', open_shard.current USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM audit.append(jsonb_build_object(
        'action', 'open_shard', 'role', 'SYSTEM', 'reason', open_shard.why,
        'object_type', 'shard', 'object_id', opened::text, 'detail', jsonb_build_object('job', 'audit_seal')));
    RETURN opened;
END $$;
REVOKE ALL ON FUNCTION audit.open_shard(integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.open_shard(integer, text) TO ankang_sealer;
SET LOCAL ROLE NONE;
