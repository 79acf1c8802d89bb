-- Scheduling: availability as recurrence rules, dated rules, materialized days, holds, claims on people's time, waitlist,
-- outbox. Dates are wall-clock dates in the zone of whoever they belong to; valid_to is inclusive, NULL has no end.

ALTER TABLE account_roles DROP CONSTRAINT account_roles_role_check;
ALTER TABLE account_roles ADD CONSTRAINT account_roles_role_check
  CHECK (role IN ('patient', 'provider', 'front-desk', 'admin'));

ALTER TABLE organizations
  -- Whether a provider needs a licence for the state in which the patient is.
  ADD COLUMN requires_license boolean NOT NULL DEFAULT false,
  -- What a message to a patient may tell: nothing but that there is one, the time, or the provider's name too.
  ADD COLUMN message_detail text NOT NULL DEFAULT 'time' CHECK (message_detail IN ('none', 'time', 'provider'));

ALTER TABLE patients
  -- ISO 3166-2, where they usually are.
  ADD COLUMN region text CHECK (region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$');

ALTER TABLE providers
  -- Rises with every change of the provider's availability; a booking names the version it was judged by.
  ADD COLUMN availability_version integer NOT NULL DEFAULT 1 CHECK (availability_version >= 1);

CREATE TABLE contact_points (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  system text NOT NULL CHECK (system IN ('email', 'sms')),
  value text NOT NULL CHECK (length(value) BETWEEN 3 AND 254),
  UNIQUE (person_id, system),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);

ALTER TABLE visit_types
  ADD COLUMN modality text NOT NULL DEFAULT 'video' CHECK (modality IN ('video', 'audio', 'chat')),
  ADD COLUMN buffer_before_minutes integer NOT NULL DEFAULT 0 CHECK (buffer_before_minutes BETWEEN 0 AND 240),
  ADD COLUMN buffer_after_minutes integer NOT NULL DEFAULT 0 CHECK (buffer_after_minutes BETWEEN 0 AND 240),
  -- From one start to the next within a window; NULL: the visit with its buffers.
  ADD COLUMN step_minutes integer CHECK (step_minutes BETWEEN 5 AND 480),
  ADD COLUMN minimum_notice_minutes integer NOT NULL DEFAULT 0 CHECK (minimum_notice_minutes BETWEEN 0 AND 525600),
  ADD COLUMN booking_horizon_days integer NOT NULL DEFAULT 30 CHECK (booking_horizon_days BETWEEN 1 AND 366),
  -- A patient who cancels or moves later than this before the start has to call.
  ADD COLUMN cancel_notice_minutes integer NOT NULL DEFAULT 0 CHECK (cancel_notice_minutes BETWEEN 0 AND 525600),
  -- More than 1: a group session, which staff sets up and patients take seats in.
  ADD COLUMN seats integer NOT NULL DEFAULT 1 CHECK (seats BETWEEN 1 AND 100),
  ADD COLUMN self_pay boolean NOT NULL DEFAULT true,
  ADD COLUMN intake_questions jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(intake_questions) = 'array');

-- What a provider's time is for. `open` windows can be booked, `block` windows (charting, meetings) cannot.
CREATE TABLE availability_rules (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('open', 'block')),
  label text NOT NULL DEFAULT '' CHECK (length(label) <= 100),
  -- DTSTART's date in the provider's zone, and the wall clock of each occurrence. An end beyond 1440 is on the next day.
  starts_on date NOT NULL,
  starts_minute smallint NOT NULL CHECK (starts_minute BETWEEN 0 AND 1439),
  ends_minute smallint NOT NULL CHECK (ends_minute BETWEEN 1 AND 2880),
  -- RECUR of RFC 5545 §3.3.10 by whole days; NULL happens once, on starts_on.
  rrule text CHECK (length(rrule) BETWEEN 1 AND 500),
  exdates date[] NOT NULL DEFAULT '{}' CHECK (cardinality(exdates) <= 366),
  rdates date[] NOT NULL DEFAULT '{}' CHECK (cardinality(rdates) <= 366),
  effective_from date,
  effective_to date,
  -- Empty: every visit type.
  visit_type_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(visit_type_ids) <= 50),
  location text CHECK (length(location) BETWEEN 1 AND 100),
  works_on_holidays boolean NOT NULL DEFAULT false,
  CHECK (starts_minute < ends_minute AND ends_minute - starts_minute <= 1440),
  CHECK (effective_from <= effective_to),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id)
);
CREATE INDEX availability_rules_provider ON availability_rules (provider_id);

CREATE TABLE time_off (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  label text NOT NULL DEFAULT '' CHECK (length(label) <= 100),
  CHECK (starts_at < ends_at),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id)
);
CREATE INDEX time_off_provider ON time_off (provider_id, ends_at);

CREATE TABLE holidays (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  on_date date NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  PRIMARY KEY (organization_id, on_date)
);

-- Licensure: where a provider may see patients, by a state's licence or a compact's privilege. Source: who says so.
CREATE TABLE licenses (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  region text CHECK (region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  compact text CHECK (length(compact) BETWEEN 1 AND 40),
  number text NOT NULL DEFAULT '' CHECK (length(number) <= 60),
  valid_from date NOT NULL,
  valid_to date,
  source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
  CHECK (num_nonnulls(region, compact) = 1),
  CHECK (valid_from <= valid_to),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id)
);
CREATE INDEX licenses_provider ON licenses (provider_id);

CREATE TABLE compact_members (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  compact text NOT NULL CHECK (length(compact) BETWEEN 1 AND 40),
  region text NOT NULL CHECK (region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  valid_from date NOT NULL,
  valid_to date,
  source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
  CHECK (valid_from <= valid_to),
  PRIMARY KEY (organization_id, compact, region, valid_from)
);

CREATE TABLE payers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id),
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  is_active boolean NOT NULL DEFAULT true,
  UNIQUE (organization_id, key),
  UNIQUE (organization_id, id)
);

-- NULL columns match everything. A visit type with an `allow` in force takes those payers only; a `deny` refuses.
CREATE TABLE payer_rules (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  payer_id uuid NOT NULL,
  visit_type_id uuid,
  region text CHECK (region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  effect text NOT NULL CHECK (effect IN ('allow', 'deny')),
  valid_from date NOT NULL,
  valid_to date,
  source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
  CHECK (valid_from <= valid_to),
  FOREIGN KEY (organization_id, payer_id) REFERENCES payers (organization_id, id),
  FOREIGN KEY (organization_id, visit_type_id) REFERENCES visit_types (organization_id, id)
);
CREATE INDEX payer_rules_organization ON payer_rules (organization_id);

-- Most visits of a provider's day. NULL visit_type_id counts all of them.
CREATE TABLE daily_caps (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  visit_type_id uuid,
  max_visits integer NOT NULL CHECK (max_visits BETWEEN 0 AND 300),
  valid_from date NOT NULL,
  valid_to date,
  CHECK (valid_from <= valid_to),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id),
  FOREIGN KEY (organization_id, visit_type_id) REFERENCES visit_types (organization_id, id)
);
CREATE INDEX daily_caps_provider ON daily_caps (provider_id);

-- Derived and disposable: what is open on one of a provider's days, before anybody booked. Days with nothing open have
-- no row. `openings`: [[start, end, [visit type id, …]], …] in minutes since 1970-01-01T00:00Z, an empty list for all types.
CREATE TABLE slot_days (
  provider_id uuid NOT NULL,
  on_date date NOT NULL,
  organization_id uuid NOT NULL,
  specialty text NOT NULL,
  -- Where the provider may see patients on that day; NULL where the organization asks for no licence.
  regions text[],
  -- The visit types that can be held on that day; NULL for all.
  visit_type_ids uuid[],
  first_open_at timestamptz(3) NOT NULL,
  last_open_at timestamptz(3) NOT NULL,
  openings jsonb NOT NULL,
  PRIMARY KEY (provider_id, on_date),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id)
);
-- A search in the evening passes over the days that are over by then: their end is in the index, so that their rows are
-- not read.
CREATE INDEX slot_days_search ON slot_days (organization_id, first_open_at, provider_id, last_open_at);
CREATE INDEX slot_days_specialty ON slot_days (organization_id, specialty, first_open_at, provider_id, last_open_at);

CREATE TABLE appointment_series (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id),
  rrule text NOT NULL CHECK (length(rrule) BETWEEN 1 AND 500),
  -- The zone in which the occurrences keep their wall-clock time.
  time_zone text NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 64),
  made_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, made_by) REFERENCES people (organization_id, id)
);

ALTER TABLE appointments
  DROP CONSTRAINT appointments_provider_no_overlap,
  DROP CONSTRAINT appointments_patient_no_overlap,
  DROP CONSTRAINT appointments_status_check,
  DROP CONSTRAINT appointments_check1,
  -- NULL: a group session, whose patients are in `presences`.
  ALTER COLUMN patient_id DROP NOT NULL,
  ADD COLUMN seats integer NOT NULL DEFAULT 1 CHECK (seats BETWEEN 1 AND 100),
  ADD COLUMN series_id uuid,
  ADD COLUMN payer_id uuid,
  -- Where the patient said they will be, ISO 3166-2: what licensure is judged by.
  ADD COLUMN patient_region text CHECK (patient_region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  ADD COLUMN intake_answers jsonb CHECK (jsonb_typeof(intake_answers) = 'object'),
  -- The provider's own calendar day, for daily caps.
  ADD COLUMN provider_date date,
  ADD COLUMN booked_by uuid,
  ADD COLUMN cancelled_late boolean NOT NULL DEFAULT false,
  ADD COLUMN rescheduled_to uuid,
  ADD CONSTRAINT appointments_status_check CHECK (status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit',
    'fulfilled', 'cancelled', 'no-show', 'rescheduled', 'entered-in-error')),
  ADD CONSTRAINT appointments_two_people CHECK (provider_id <> patient_id),
  ADD CONSTRAINT appointments_rescheduled CHECK ((status = 'rescheduled') = (rescheduled_to IS NOT NULL)),
  ADD CONSTRAINT appointments_group CHECK (patient_id IS NOT NULL OR seats > 1),
  ADD FOREIGN KEY (organization_id, series_id) REFERENCES appointment_series (organization_id, id),
  ADD FOREIGN KEY (organization_id, payer_id) REFERENCES payers (organization_id, id),
  ADD FOREIGN KEY (organization_id, booked_by) REFERENCES people (organization_id, id),
  ADD FOREIGN KEY (organization_id, rescheduled_to) REFERENCES appointments (organization_id, id);

ALTER TABLE encounters ALTER COLUMN patient_id DROP NOT NULL;

ALTER TABLE presences
  -- FHIR ParticipationStatus: somebody who gave their seat back stays on the list as declined.
  ADD COLUMN participation text NOT NULL DEFAULT 'accepted' CHECK (participation IN ('accepted', 'declined'));

-- A time kept for somebody while they fill in intake, or offered to somebody who waits. Over when expires_at has passed,
-- whether or not a row still tells of it.
CREATE TABLE holds (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  token uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  made_by uuid NOT NULL,
  patient_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  visit_type_id uuid NOT NULL,
  -- Further providers and interpreters: {"personId", "role"}.
  additional jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(additional) = 'array'),
  -- A seat in this group session.
  group_appointment_id uuid,
  patient_region text CHECK (patient_region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  payer_id uuid,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  provider_date date NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  extended boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL,
  CHECK (starts_at < ends_at),
  FOREIGN KEY (organization_id, made_by) REFERENCES people (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id),
  FOREIGN KEY (organization_id, visit_type_id) REFERENCES visit_types (organization_id, id),
  FOREIGN KEY (organization_id, payer_id) REFERENCES payers (organization_id, id),
  FOREIGN KEY (organization_id, group_appointment_id) REFERENCES appointments (organization_id, id)
);
CREATE INDEX holds_expiry ON holds (expires_at);
CREATE INDEX holds_made_by ON holds (made_by);
CREATE INDEX holds_group ON holds (group_appointment_id) WHERE group_appointment_id IS NOT NULL;

-- Nobody is in two places. One row for each person whom a hold or an active appointment keeps busy, a provider's with the
-- buffers around the visit. `expires_at`: the hold's; an expired claim is swept by whoever wants the time.
CREATE TABLE calendar_claims (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  hold_id uuid REFERENCES holds (id) ON DELETE CASCADE,
  appointment_id uuid REFERENCES appointments (id) ON DELETE CASCADE,
  expires_at timestamptz(3),
  CHECK (starts_at < ends_at),
  CHECK (num_nonnulls(hold_id, appointment_id) = 1),
  CHECK ((hold_id IS NULL) = (expires_at IS NULL)),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id),
  CONSTRAINT calendar_claims_no_overlap EXCLUDE USING gist (
    person_id WITH =, tstzrange(starts_at, ends_at) WITH &&
  )
);
CREATE INDEX calendar_claims_person ON calendar_claims (person_id, starts_at);
CREATE INDEX calendar_claims_hold ON calendar_claims (hold_id) WHERE hold_id IS NOT NULL;
CREATE INDEX calendar_claims_appointment ON calendar_claims (appointment_id) WHERE appointment_id IS NOT NULL;

CREATE TABLE waitlist_entries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  visit_type_id uuid NOT NULL,
  -- NULL: any provider, of the specialty where one is named.
  provider_id uuid,
  specialty text CHECK (length(specialty) BETWEEN 1 AND 200),
  -- The visit has to lie in between.
  earliest_at timestamptz(3) NOT NULL,
  latest_at timestamptz(3) NOT NULL,
  patient_region text CHECK (patient_region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  payer_id uuid,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'offered', 'accepted', 'withdrawn', 'lapsed')),
  -- The order of the line.
  position bigint GENERATED ALWAYS AS IDENTITY,
  made_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK (earliest_at < latest_at),
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, visit_type_id) REFERENCES visit_types (organization_id, id),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id),
  FOREIGN KEY (organization_id, payer_id) REFERENCES payers (organization_id, id),
  FOREIGN KEY (organization_id, made_by) REFERENCES people (organization_id, id)
);
CREATE INDEX waitlist_entries_line ON waitlist_entries (organization_id, visit_type_id, position) WHERE status = 'waiting';
CREATE INDEX waitlist_entries_order ON waitlist_entries (organization_id, position) WHERE status = 'waiting';
CREATE INDEX waitlist_entries_patient ON waitlist_entries (patient_id);

CREATE TABLE waitlist_offers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  hold_id uuid REFERENCES holds (id) ON DELETE SET NULL,
  provider_id uuid NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  status text NOT NULL DEFAULT 'live' CHECK (status IN ('live', 'accepted', 'declined', 'lapsed', 'withdrawn')),
  created_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  CHECK ((status = 'live') = (closed_at IS NULL)),
  FOREIGN KEY (organization_id, entry_id) REFERENCES waitlist_entries (organization_id, id),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id)
);
CREATE UNIQUE INDEX waitlist_offers_one_live ON waitlist_offers (entry_id) WHERE status = 'live';
CREATE INDEX waitlist_offers_expiry ON waitlist_offers (expires_at) WHERE status = 'live';
CREATE INDEX waitlist_offers_slot ON waitlist_offers (provider_id, starts_at);

-- What others have to be told, written in the transaction of what happened. Rows go once they are dealt with.
CREATE TABLE outbox_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id uuid NOT NULL,
  topic text NOT NULL CHECK (length(topic) BETWEEN 1 AND 60),
  resource_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  available_at timestamptz(3) NOT NULL,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0)
);
CREATE INDEX outbox_events_due ON outbox_events (available_at, id);

CREATE TABLE notifications (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  appointment_id uuid,
  waitlist_offer_id uuid,
  kind text NOT NULL CHECK (kind IN ('booked', 'reminder-day', 'reminder-hour', 'rescheduled', 'cancelled', 'offer')),
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  due_at timestamptz(3) NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed', 'dropped')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt_at timestamptz(3) NOT NULL,
  sent_at timestamptz(3),
  -- A constant or the server's status code, never an address or a text.
  last_error text CHECK (length(last_error) <= 100),
  created_at timestamptz(3) NOT NULL,
  CHECK (num_nonnulls(appointment_id, waitlist_offer_id) = 1),
  CHECK ((status = 'sent') = (sent_at IS NOT NULL)),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id),
  FOREIGN KEY (organization_id, appointment_id) REFERENCES appointments (organization_id, id)
);
CREATE UNIQUE INDEX notifications_once ON notifications (coalesce(appointment_id, waitlist_offer_id), person_id, kind, channel);
CREATE INDEX notifications_due ON notifications (next_attempt_at) WHERE status = 'pending';

CREATE TABLE calendar_feeds (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  -- Whose calendar: what the person does as a provider, or their own visits as a patient.
  view text NOT NULL CHECK (view IN ('provider', 'patient')),
  -- SHA-256 of the secret in the feed's URL, base64url.
  secret_hash text NOT NULL UNIQUE CHECK (length(secret_hash) = 43),
  created_at timestamptz(3) NOT NULL,
  read_at timestamptz(3),
  revoked_at timestamptz(3),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);
CREATE INDEX calendar_feeds_person ON calendar_feeds (person_id) WHERE revoked_at IS NULL;

-- What was there before.
INSERT INTO availability_rules (organization_id, provider_id, kind, starts_on, starts_minute, ends_minute, rrule)
SELECT organization_id, provider_id, 'open', date '2020-01-06' + (weekday - 1), starts_minute, ends_minute,
  'FREQ=WEEKLY;BYDAY=' || (ARRAY['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])[weekday]
FROM availability_windows;
DROP TABLE availability_windows;

UPDATE appointments SET booked_by = patient_id,
  provider_date = (starts_at AT TIME ZONE (SELECT time_zone FROM people WHERE people.id = appointments.provider_id))::date;
ALTER TABLE appointments ALTER COLUMN provider_date SET NOT NULL;
CREATE INDEX appointments_provider_date ON appointments (provider_id, provider_date);
CREATE INDEX appointments_series ON appointments (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX appointments_rescheduled_to ON appointments (rescheduled_to) WHERE rescheduled_to IS NOT NULL;
-- Group sessions that can be joined.
CREATE INDEX appointments_sessions ON appointments (organization_id, visit_type_id, starts_at, id)
  WHERE patient_id IS NULL AND status = 'booked';
CREATE INDEX encounters_under_way ON encounters (started_at) WHERE status = 'in-progress';

INSERT INTO calendar_claims (organization_id, person_id, starts_at, ends_at, appointment_id)
SELECT organization_id, person_id, starts_at, ends_at, id
FROM appointments, LATERAL (VALUES (provider_id), (patient_id)) AS person (person_id)
WHERE status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit');

-- An active appointment keeps its provider busy, and one that is no longer active keeps nobody.
CREATE FUNCTION require_claims() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit'))
    <> EXISTS (SELECT 1 FROM calendar_claims WHERE appointment_id = NEW.id AND person_id = NEW.provider_id)
    AND EXISTS (SELECT 1 FROM appointments WHERE id = NEW.id AND status = NEW.status)
  THEN
    RAISE EXCEPTION 'appointment % is % and its claims say otherwise', NEW.id, NEW.status
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'appointments_claimed';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER appointments_claimed AFTER INSERT OR UPDATE OF status ON appointments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_claims();
