-- What a patient may ask of their record, who reviewed whose access, and who may be sent what.

-- That an organization may send such data to such a host: by an agreement with whoever runs it (45 CFR 164.504(e)), or
-- because the host is the organization's own. Without a row in force nothing leaves.
CREATE TABLE business_associate_agreements (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id),
  basis text NOT NULL CHECK (basis IN ('agreement', 'own-host')),
  vendor text NOT NULL CHECK (length(vendor) BETWEEN 1 AND 200),
  purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 500),
  -- Host name or address, as it is configured.
  destination text NOT NULL CHECK (length(destination) BETWEEN 1 AND 253 AND destination = lower(destination)),
  categories text[] NOT NULL CHECK (
    cardinality(categories) BETWEEN 1 AND 20
    AND categories <@ ARRAY['contact', 'appointment-time', 'provider-name', 'identifiers', 'clinical', 'media']
  ),
  document_reference text NOT NULL CHECK (length(document_reference) BETWEEN 1 AND 500),
  -- Dates in the organization's zone, both inclusive; NULL has no end.
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  recorded_by uuid NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  ended_by uuid,
  ended_at timestamptz(3),
  CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, recorded_by) REFERENCES people (organization_id, id),
  FOREIGN KEY (organization_id, ended_by) REFERENCES people (organization_id, id)
);
CREATE INDEX business_associate_agreements_destination
  ON business_associate_agreements (organization_id, destination) WHERE ended_at IS NULL;

-- What stands in an agreement stands; it can be ended once.
CREATE FUNCTION refuse_agreement_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
    AND to_jsonb(NEW) - 'ended_at' - 'ended_by' = to_jsonb(OLD) - 'ended_at' - 'ended_by' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an agreement can only be ended, once' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER business_associate_agreements_kept BEFORE UPDATE OR DELETE ON business_associate_agreements
  FOR EACH ROW EXECUTE FUNCTION refuse_agreement_change();

-- An export of a patient's record that was asked for. What it holds is read when it is fetched and kept nowhere.
CREATE TABLE record_exports (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  requested_by uuid NOT NULL,
  format text NOT NULL CHECK (format IN ('fhir', 'html')),
  -- Why somebody else than the patient asks. Sealed, as everything here that somebody wrote of a patient (ADR 0022):
  -- there is no column for clear text, and what does not begin as a sealed value does is refused.
  sealed_reason bytea CHECK (octet_length(sealed_reason) BETWEEN 34 AND 3000 AND get_byte(sealed_reason, 0) = 1),
  requested_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL CHECK (expires_at > requested_at),
  -- How often it was fetched to its end, and when last.
  fetched_count integer NOT NULL DEFAULT 0 CHECK (fetched_count >= 0),
  fetched_at timestamptz(3),
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, requested_by) REFERENCES people (organization_id, id)
);
CREATE INDEX record_exports_requested ON record_exports (requested_by, requested_at);

-- 45 CFR 164.526: a patient asks that their record be corrected.
CREATE TABLE correction_requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  requested_by uuid NOT NULL,
  about text NOT NULL CHECK (about IN ('profile', 'appointment', 'intake', 'message', 'visit', 'other')),
  -- The appointment, message or encounter, where it is about one.
  about_id uuid,
  sealed_statement bytea NOT NULL
    CHECK (octet_length(sealed_statement) BETWEEN 34 AND 20000 AND get_byte(sealed_statement, 0) = 1),
  sealed_proposed bytea NOT NULL
    CHECK (octet_length(sealed_proposed) BETWEEN 34 AND 20000 AND get_byte(sealed_proposed, 0) = 1),
  status text NOT NULL DEFAULT 'requested'
    CHECK (status IN ('requested', 'withdrawn', 'accepted', 'denied', 'disagreed', 'rebutted')),
  denial_basis text CHECK (denial_basis IN ('not-created-here', 'not-in-record', 'not-accessible', 'accurate-and-complete')),
  due_at timestamptz(3) NOT NULL,
  extended boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK ((status IN ('denied', 'disagreed', 'rebutted')) = (denial_basis IS NOT NULL)),
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, requested_by) REFERENCES people (organization_id, id)
);
CREATE INDEX correction_requests_patient ON correction_requests (patient_id, created_at);
CREATE INDEX correction_requests_open ON correction_requests (organization_id, due_at) WHERE status = 'requested';

CREATE FUNCTION refuse_correction_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{status,denial_basis,due_at,extended,version,updated_at}'::text[]
    = to_jsonb(OLD) - '{status,denial_basis,due_at,extended,version,updated_at}'::text[] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what a patient asked for stays as they wrote it' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER correction_requests_kept BEFORE UPDATE OR DELETE ON correction_requests
  FOR EACH ROW EXECUTE FUNCTION refuse_correction_change();

-- What was said and done about a request, in order.
CREATE TABLE correction_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id uuid NOT NULL,
  request_id uuid NOT NULL,
  person_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('request', 'extend', 'withdraw', 'accept', 'deny', 'disagree', 'rebut')),
  sealed_note bytea CHECK (octet_length(sealed_note) BETWEEN 34 AND 20000 AND get_byte(sealed_note, 0) = 1),
  at timestamptz(3) NOT NULL,
  -- Every act is done once, and so names its note.
  UNIQUE (request_id, kind),
  FOREIGN KEY (organization_id, request_id) REFERENCES correction_requests (organization_id, id),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);
CREATE INDEX correction_events_request ON correction_events (request_id, id);
CREATE TRIGGER correction_events_append_only BEFORE UPDATE OR DELETE ON correction_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER correction_events_no_truncate BEFORE TRUNCATE ON correction_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A report of who could see what and who did. The report itself is a file; this is what it is known by.
CREATE TABLE access_reviews (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id),
  -- The audit trail from the one instant on and before the other.
  period_from timestamptz(3) NOT NULL,
  period_to timestamptz(3) NOT NULL CHECK (period_to > period_from),
  made_at timestamptz(3) NOT NULL,
  -- SHA-256 of the file, hex.
  sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  accounts integer NOT NULL CHECK (accounts >= 0),
  findings integer NOT NULL CHECK (findings >= 0),
  UNIQUE (organization_id, id)
);
CREATE INDEX access_reviews_made ON access_reviews (organization_id, made_at);

CREATE TABLE access_review_signatures (
  review_id uuid NOT NULL,
  signed_by uuid NOT NULL,
  organization_id uuid NOT NULL,
  remark text CHECK (length(remark) BETWEEN 1 AND 2000),
  signed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (review_id, signed_by),
  FOREIGN KEY (organization_id, review_id) REFERENCES access_reviews (organization_id, id),
  FOREIGN KEY (organization_id, signed_by) REFERENCES people (organization_id, id)
);
CREATE TRIGGER access_reviews_append_only BEFORE UPDATE OR DELETE ON access_reviews
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_reviews_no_truncate BEFORE TRUNCATE ON access_reviews
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_review_signatures_append_only BEFORE UPDATE OR DELETE ON access_review_signatures
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_review_signatures_no_truncate BEFORE TRUNCATE ON access_review_signatures
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Time of a provider's that a change of their hours opened, until it was offered to those who wait.
CREATE TABLE opened_times (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL CHECK (ends_at > starts_at),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id)
);
