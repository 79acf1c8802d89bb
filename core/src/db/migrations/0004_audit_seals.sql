-- Which transaction wrote a row, so that whoever seals finds those of transactions that ended late. Not evidence: it is
-- not sealed, and in a restored database it means nothing.
ALTER TABLE audit_events ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX audit_events_xid ON audit_events (xid, id);
-- Rows stand in the order of time but for a few; an index of ranges costs the request next to nothing.
CREATE INDEX audit_events_at ON audit_events USING brin (at);

-- The signed head of a batch of events, chained to the one before it. See core/src/audit/verify/head.ts.
CREATE TABLE audit_heads (
  sequence bigint PRIMARY KEY CHECK (sequence >= 1),
  -- As it was signed, byte for byte.
  head text NOT NULL CHECK (length(head) BETWEEN 2 AND 200000),
  hash text NOT NULL UNIQUE CHECK (length(hash) = 43),
  -- SHA-256 of each event, in the order of the ids.
  leaves bytea NOT NULL CHECK (octet_length(leaves) % 32 = 0),
  signature bytea NOT NULL CHECK (octet_length(signature) = 64),
  sealed_at timestamptz(3) NOT NULL
);
-- What is random does not get smaller by trying.
ALTER TABLE audit_heads ALTER COLUMN leaves SET STORAGE EXTERNAL;

-- Under which head an event stands: once, or this fails. No foreign key to the event: it would write to its row.
CREATE TABLE audit_seals (
  event_id bigint PRIMARY KEY,
  sequence bigint NOT NULL
);

CREATE TRIGGER audit_heads_append_only BEFORE UPDATE OR DELETE ON audit_heads
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_heads_no_truncate BEFORE TRUNCATE ON audit_heads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seals_no_truncate BEFORE TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Where the sealer goes on. Nothing is lost with it: without it every row is looked at once more.
CREATE TABLE audit_sealer (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- pg_control_system(): transaction ids of another cluster, which a restored dump brings along, mean nothing here.
  cluster_id text,
  -- Rows of all earlier transactions are sealed, and of this one those up to the id.
  horizon xid8 NOT NULL DEFAULT '0',
  horizon_id bigint NOT NULL DEFAULT 0,
  -- While every row is looked at once more: those up to the first are done, the second is the last of them.
  swept_id bigint,
  sweep_to_id bigint,
  CHECK ((swept_id IS NULL) = (sweep_to_id IS NULL))
);
INSERT INTO audit_sealer DEFAULT VALUES;

-- How far an HTTPS collector has the heads. The file port has its own file for that.
CREATE TABLE audit_publications (
  collector text PRIMARY KEY CHECK (length(collector) BETWEEN 1 AND 500),
  sequence bigint NOT NULL CHECK (sequence >= 0),
  published_at timestamptz(3) NOT NULL
);
