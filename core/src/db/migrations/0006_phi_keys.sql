-- Envelope encryption of what patients say and what is said of them (ADR 0022). A sealed value is made by the program
-- (core/src/phi/envelope.ts) with a data key of the one whom it concerns; the data key stands here, wrapped by a key
-- encryption key (KEK) that is never in the database.

-- The KEKs that wrap something. One is active: what is made anew is wrapped by it. One that wraps nothing any more is
-- deleted, and the foreign key of `data_keys` keeps one that still does.
CREATE TABLE key_encryption_keys (
  id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 300),
  is_active boolean NOT NULL,
  made_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX key_encryption_keys_one_active ON key_encryption_keys (is_active) WHERE is_active;

-- The KEK that wraps what is made now; a transaction that goes by it keeps it from being deleted. NULL: there is none yet.
CREATE FUNCTION active_kek() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found_id text;
BEGIN
  SELECT id INTO found_id FROM key_encryption_keys WHERE is_active FOR KEY SHARE;
  RETURN found_id;
END
$$;
-- The first KEK of a database; whoever comes second keeps what is there.
CREATE FUNCTION register_first_kek(kek text, at timestamptz) RETURNS void LANGUAGE sql AS $$
  INSERT INTO key_encryption_keys (id, is_active, made_at) VALUES (kek, true, at) ON CONFLICT DO NOTHING
$$;

-- A key of a person, or of a visit that concerns nobody alone (what a provider tells a whole group). NULL `wrapped`: it
-- was destroyed, and with it all that it sealed.
CREATE TABLE data_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  person_id uuid,
  encounter_id uuid,
  version integer NOT NULL CHECK (version >= 1),
  kek_id text REFERENCES key_encryption_keys (id),
  wrapped bytea CHECK (octet_length(wrapped) BETWEEN 32 AND 1000),
  made_at timestamptz(3) NOT NULL,
  destroyed_at timestamptz(3),
  CHECK (num_nonnulls(person_id, encounter_id) = 1),
  CHECK ((wrapped IS NULL) = (kek_id IS NULL)),
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL)),
  UNIQUE (person_id, version),
  UNIQUE (encounter_id, version),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id),
  FOREIGN KEY (organization_id, encounter_id) REFERENCES encounters (organization_id, id)
-- Wrapping anew changes no indexed column: with room on its page a row stays there, and the indexes stay as they are.
) WITH (fillfactor = 70);

-- The key of an organization's blind indexes, wrapped too.
CREATE TABLE blind_index_keys (
  organization_id uuid PRIMARY KEY REFERENCES organizations (id),
  kek_id text NOT NULL REFERENCES key_encryption_keys (id),
  wrapped bytea NOT NULL CHECK (octet_length(wrapped) BETWEEN 32 AND 1000),
  made_at timestamptz(3) NOT NULL
);

-- What others know a patient by. `value_index` is an HMAC of the value: equal values are found, nothing can be read.
CREATE TABLE patient_identifiers (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  system text NOT NULL CHECK (system ~ '^[a-z][a-z0-9-]{0,39}$'),
  sealed_value bytea NOT NULL CHECK (octet_length(sealed_value) BETWEEN 34 AND 2000),
  value_index bytea NOT NULL CHECK (octet_length(value_index) = 32),
  made_at timestamptz(3) NOT NULL,
  UNIQUE (organization_id, system, value_index),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id)
);
CREATE INDEX patient_identifiers_patient ON patient_identifiers (patient_id);

-- The columns that hold what was written in the clear are emptied row by row by the task `phi-seal`; until it is done a
-- row has one or the other.
ALTER TABLE messages
  ALTER COLUMN text DROP NOT NULL,
  ADD COLUMN sealed_text bytea CHECK (octet_length(sealed_text) BETWEEN 34 AND 20000),
  ADD CHECK (num_nonnulls(text, sealed_text) = 1);
ALTER TABLE contact_points
  ALTER COLUMN value DROP NOT NULL,
  ADD COLUMN sealed_value bytea CHECK (octet_length(sealed_value) BETWEEN 34 AND 2000),
  ADD CHECK (num_nonnulls(value, sealed_value) = 1);
ALTER TABLE appointments
  ADD COLUMN sealed_cancel_reason bytea CHECK (octet_length(sealed_cancel_reason) BETWEEN 34 AND 3000),
  ADD CHECK (num_nonnulls(cancel_reason, sealed_cancel_reason) <= 1),
  DROP CONSTRAINT appointments_intake_answers_check,
  -- A string: sealed, base64. An object: not yet.
  ADD CONSTRAINT appointments_intake_answers_check CHECK (jsonb_typeof(intake_answers) IN ('string', 'object'));
ALTER TABLE presences
  DROP CONSTRAINT presences_intake_answers_check,
  ADD CONSTRAINT presences_intake_answers_check CHECK (jsonb_typeof(intake_answers) IN ('string', 'object'));

-- What is left to seal; empty from then on.
CREATE INDEX messages_in_the_clear ON messages (id) WHERE text IS NOT NULL;
CREATE INDEX contact_points_in_the_clear ON contact_points (id) WHERE value IS NOT NULL;
CREATE INDEX appointments_in_the_clear ON appointments (id)
  WHERE cancel_reason IS NOT NULL OR jsonb_typeof(intake_answers) = 'object';
CREATE INDEX presences_in_the_clear ON presences (encounter_id, person_id) WHERE jsonb_typeof(intake_answers) = 'object';

-- Nothing is written in the clear any more, by whatever program. The conditions cost a sealed row nothing.
CREATE FUNCTION refuse_clear_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% takes what is sealed alone', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER messages_sealed BEFORE INSERT OR UPDATE OF text ON messages
  FOR EACH ROW WHEN (NEW.text IS NOT NULL) EXECUTE FUNCTION refuse_clear_text();
CREATE TRIGGER contact_points_sealed BEFORE INSERT OR UPDATE OF value ON contact_points
  FOR EACH ROW WHEN (NEW.value IS NOT NULL) EXECUTE FUNCTION refuse_clear_text();
CREATE TRIGGER appointments_reason_sealed BEFORE INSERT OR UPDATE OF cancel_reason ON appointments
  FOR EACH ROW WHEN (NEW.cancel_reason IS NOT NULL) EXECUTE FUNCTION refuse_clear_text();
CREATE TRIGGER appointments_answers_sealed BEFORE INSERT OR UPDATE OF intake_answers ON appointments
  FOR EACH ROW WHEN (jsonb_typeof(NEW.intake_answers) = 'object') EXECUTE FUNCTION refuse_clear_text();
CREATE TRIGGER presences_answers_sealed BEFORE INSERT OR UPDATE OF intake_answers ON presences
  FOR EACH ROW WHEN (jsonb_typeof(NEW.intake_answers) = 'object') EXECUTE FUNCTION refuse_clear_text();
