CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Instants have milliseconds, as the program has: what is written compares equal to what is read back.
-- organization_id stands on every domain row and in its foreign keys, so that no row can point into another organization.

CREATE TABLE organizations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  key text NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 100),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  phone text CHECK (length(phone) BETWEEN 1 AND 40),
  time_zone text NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 64),
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE people (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id),
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
  time_zone text NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 64),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL,
  UNIQUE (organization_id, key),
  UNIQUE (organization_id, id)
);

CREATE TABLE identities (
  issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (issuer, subject),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);
CREATE INDEX identities_person ON identities (person_id);

CREATE TABLE account_roles (
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('patient', 'provider', 'admin')),
  PRIMARY KEY (person_id, role),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);

CREATE TABLE patients (
  person_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  UNIQUE (organization_id, person_id),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);

CREATE TABLE providers (
  person_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  specialty text NOT NULL CHECK (length(specialty) <= 200),
  UNIQUE (organization_id, person_id),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);

CREATE TABLE visit_types (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id),
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 5 AND 480),
  early_entry_minutes integer NOT NULL CHECK (early_entry_minutes BETWEEN 0 AND 1440),
  late_entry_minutes integer NOT NULL CHECK (late_entry_minutes BETWEEN 0 AND 1440),
  is_active boolean NOT NULL DEFAULT true,
  UNIQUE (organization_id, key),
  UNIQUE (organization_id, id)
);

-- Wall-clock minutes of the day in the provider's own zone; 1440 is the end of the day.
CREATE TABLE availability_windows (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  starts_minute smallint NOT NULL CHECK (starts_minute BETWEEN 0 AND 1439),
  ends_minute smallint NOT NULL CHECK (ends_minute BETWEEN 1 AND 1440),
  CHECK (starts_minute < ends_minute),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id),
  CONSTRAINT availability_windows_no_overlap EXCLUDE USING gist (
    provider_id WITH =, weekday WITH =, int4range(starts_minute, ends_minute) WITH &&
  )
);

CREATE TABLE appointments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  visit_type_id uuid NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  status text NOT NULL DEFAULT 'booked' CHECK (
    status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit', 'fulfilled', 'cancelled', 'no-show')
  ),
  version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
  cancelled_by uuid,
  cancel_reason text CHECK (length(cancel_reason) <= 500),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK (starts_at < ends_at),
  CHECK (provider_id <> patient_id),
  CHECK ((status = 'cancelled') = (cancelled_by IS NOT NULL)),
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, visit_type_id) REFERENCES visit_types (organization_id, id),
  FOREIGN KEY (organization_id, cancelled_by) REFERENCES people (organization_id, id),
  CONSTRAINT appointments_provider_no_overlap EXCLUDE USING gist (
    provider_id WITH =, tstzrange(starts_at, ends_at) WITH &&
  ) WHERE (status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit')),
  CONSTRAINT appointments_patient_no_overlap EXCLUDE USING gist (
    patient_id WITH =, tstzrange(starts_at, ends_at) WITH &&
  ) WHERE (status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit'))
);
CREATE INDEX appointments_provider_day ON appointments (provider_id, starts_at);
CREATE INDEX appointments_patient_next ON appointments (patient_id, starts_at);

CREATE TABLE encounters (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  appointment_id uuid NOT NULL UNIQUE,
  patient_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'in-progress', 'finished', 'cancelled')),
  -- Random and of no other use: the media side learns nothing else of the record.
  room_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  last_message_seq integer NOT NULL DEFAULT 0 CHECK (last_message_seq >= 0),
  started_at timestamptz(3),
  ended_at timestamptz(3),
  end_reason text CHECK (end_reason IN ('ended-by-host', 'everybody-left', 'cancelled')),
  created_at timestamptz(3) NOT NULL,
  CHECK ((status IN ('finished', 'cancelled')) = (ended_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CHECK (status <> 'in-progress' OR started_at IS NOT NULL),
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, appointment_id) REFERENCES appointments (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id)
);

-- Who belongs to a visit, and where they are. One row a person from the booking on.
CREATE TABLE presences (
  encounter_id uuid NOT NULL,
  person_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('patient', 'provider', 'interpreter', 'guest')),
  presence text NOT NULL DEFAULT 'absent' CHECK (presence IN ('absent', 'device-check', 'ready', 'admitted')),
  since timestamptz(3) NOT NULL,
  connected boolean NOT NULL DEFAULT false,
  seen_at timestamptz(3),
  admitted_at timestamptz(3),
  -- When they were first in the visit itself, and when they left it for good.
  entered_at timestamptz(3),
  left_at timestamptz(3),
  PRIMARY KEY (encounter_id, person_id),
  CHECK (presence <> 'absent' OR NOT connected),
  FOREIGN KEY (organization_id, encounter_id) REFERENCES encounters (organization_id, id),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);
CREATE INDEX presences_person ON presences (person_id);

CREATE TABLE messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  encounter_id uuid NOT NULL,
  seq integer NOT NULL CHECK (seq >= 1),
  sender_id uuid NOT NULL,
  client_message_id uuid NOT NULL,
  text text NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
  sent_at timestamptz(3) NOT NULL,
  UNIQUE (encounter_id, seq),
  UNIQUE (encounter_id, sender_id, client_message_id),
  FOREIGN KEY (encounter_id, sender_id) REFERENCES presences (encounter_id, person_id),
  FOREIGN KEY (organization_id, encounter_id) REFERENCES encounters (organization_id, id)
);

CREATE TABLE sessions (
  -- SHA-256 of the cookie's value, base64url. The value itself is nowhere but in the browser.
  id_hash text PRIMARY KEY CHECK (length(id_hash) = 43),
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  seen_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE sign_in_attempts (
  state_hash text PRIMARY KEY CHECK (length(state_hash) = 43),
  browser_hash text NOT NULL CHECK (length(browser_hash) = 43),
  nonce text NOT NULL CHECK (length(nonce) <= 100),
  code_verifier text NOT NULL CHECK (length(code_verifier) <= 128),
  return_to text NOT NULL CHECK (length(return_to) <= 500),
  expires_at timestamptz(3) NOT NULL
);
CREATE INDEX sign_in_attempts_expiry ON sign_in_attempts (expires_at);

CREATE TABLE grants (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  encounter_id uuid NOT NULL,
  person_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('patient', 'provider', 'interpreter', 'guest')),
  session_hash text NOT NULL CHECK (length(session_hash) = 43),
  issued_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  redeemed_at timestamptz(3),
  revoked_at timestamptz(3),
  FOREIGN KEY (organization_id, encounter_id) REFERENCES encounters (organization_id, id),
  FOREIGN KEY (encounter_id, person_id) REFERENCES presences (encounter_id, person_id)
);
CREATE INDEX grants_session ON grants (session_hash) WHERE revoked_at IS NULL;
CREATE INDEX grants_encounter ON grants (encounter_id);

CREATE TABLE idempotency_keys (
  person_id uuid NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 8 AND 100),
  organization_id uuid NOT NULL,
  request_hash text NOT NULL CHECK (length(request_hash) = 43),
  resource_id uuid,
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (person_id, key),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- No foreign keys: what happened stays told whatever becomes of the rows it tells of.
CREATE TABLE audit_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  organization_id uuid,
  person_id uuid,
  role text,
  action text NOT NULL CHECK (length(action) BETWEEN 1 AND 60),
  resource_type text NOT NULL CHECK (length(resource_type) BETWEEN 1 AND 40),
  resource_id text CHECK (length(resource_id) <= 100),
  patient_id uuid,
  encounter_id uuid,
  outcome text NOT NULL CHECK (outcome IN ('success', 'denied')),
  reason text CHECK (length(reason) <= 100),
  address inet,
  request_id text CHECK (length(request_id) <= 100)
);
CREATE INDEX audit_events_patient ON audit_events (patient_id, at) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_events_encounter ON audit_events (encounter_id, at) WHERE encounter_id IS NOT NULL;
CREATE INDEX audit_events_person ON audit_events (person_id, at) WHERE person_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
