-- Placing holds and visits in one call each: many small statements whose round trips would cost more than their work
-- (ADR 0018). Every instant is the caller's; now() is asked nowhere. What is decided here is only what needs the locks:
-- who is busy, whether the day or the session is full. `v` is the Placement of core/src/scheduling/placing.ts.

CREATE INDEX holds_provider_date ON holds (provider_id, provider_date);

-- What a patient of a group session said for their own seat; of other visits it stands on the appointment.
ALTER TABLE presences
  ADD COLUMN patient_region text CHECK (patient_region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  ADD COLUMN payer_id uuid,
  ADD COLUMN intake_answers jsonb CHECK (jsonb_typeof(intake_answers) = 'object'),
  ADD FOREIGN KEY (organization_id, payer_id) REFERENCES payers (organization_id, id);

-- Whether a provider's day has as many visits and live holds as a cap in force allows.
CREATE FUNCTION is_day_full(v jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  for_provider uuid := v ->> 'providerId';
  for_type uuid := v ->> 'visitTypeId';
  on_day date := v ->> 'providerDate';
  cap record;
  taken integer;
BEGIN
  FOR cap IN
    SELECT daily_caps.visit_type_id, daily_caps.max_visits FROM daily_caps
    WHERE daily_caps.provider_id = for_provider
      AND (daily_caps.visit_type_id IS NULL OR daily_caps.visit_type_id = for_type)
      AND daily_caps.valid_from <= on_day AND (daily_caps.valid_to IS NULL OR daily_caps.valid_to >= on_day)
  LOOP
    SELECT
      (SELECT count(*) FROM appointments
        WHERE appointments.provider_id = for_provider AND appointments.provider_date = on_day
          AND appointments.status NOT IN ('cancelled', 'rescheduled', 'entered-in-error')
          AND appointments.id IS DISTINCT FROM (v ->> 'replacedId')::uuid
          AND (cap.visit_type_id IS NULL OR appointments.visit_type_id = cap.visit_type_id))
      + (SELECT count(*) FROM holds
        WHERE holds.provider_id = for_provider AND holds.provider_date = on_day
          AND holds.group_appointment_id IS NULL AND holds.expires_at > (v ->> 'now')::timestamptz
          AND (cap.visit_type_id IS NULL OR holds.visit_type_id = cap.visit_type_id))
    INTO taken;
    IF taken >= cap.max_visits THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END
$$;

-- Keeps everybody else from the calendars of a placement's people until the transaction ends. Always in the order of
-- their ids, and always before a claim is written: two who want the same people wait for each other in a line, where
-- the exclusion constraint alone would let them wait in a circle.
CREATE FUNCTION lock_people(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one uuid;
BEGIN
  -- One by one: the order is certain, and the plan for one row is kept.
  FOR one IN SELECT unnest(ids) ORDER BY 1 LOOP
    PERFORM 1 FROM people WHERE people.id = one FOR NO KEY UPDATE;
  END LOOP;
END
$$;

-- What stands against a placement whose people are locked: 'changed' (their availability is another by now),
-- 'session_full', 'day_full', or the id of whoever is busy; NULL where nothing does. Claims of holds that are over go.
CREATE FUNCTION placement_obstacle(v jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  at timestamptz := v ->> 'now';
  the_group uuid := v ->> 'groupAppointmentId';
  judged record;
  person record;
  is_busy boolean;
  has_expired boolean := false;
BEGIN
  FOR judged IN SELECT * FROM jsonb_to_recordset(v -> 'judged') AS given (id uuid, version integer) LOOP
    PERFORM 1 FROM providers WHERE providers.person_id = judged.id AND providers.availability_version = judged.version;
    IF NOT FOUND THEN RETURN 'changed'; END IF;
  END LOOP;
  FOR person IN
    SELECT * FROM jsonb_to_recordset(v -> 'people')
      AS given (id uuid, claim boolean, "startsAt" timestamptz, "endsAt" timestamptz)
  LOOP
    CONTINUE WHEN NOT person.claim;
    SELECT bool_or(expires_at IS NULL OR expires_at > at) INTO is_busy FROM calendar_claims
    WHERE person_id = person.id AND tstzrange(starts_at, ends_at) && tstzrange(person."startsAt", person."endsAt");
    IF is_busy THEN RETURN person.id::text; END IF;
    has_expired := has_expired OR is_busy IS NOT NULL;
  END LOOP;
  IF the_group IS NOT NULL THEN
    PERFORM 1 FROM appointments WHERE appointments.id = the_group
      AND appointments.seats > (
        SELECT count(*) FROM presences JOIN encounters ON encounters.id = presences.encounter_id
        WHERE encounters.appointment_id = the_group AND presences.role = 'patient' AND presences.participation = 'accepted'
      ) + (SELECT count(*) FROM holds WHERE holds.group_appointment_id = the_group AND holds.expires_at > at);
    IF NOT FOUND THEN RETURN 'session_full'; END IF;
  ELSIF (v ->> 'capped')::boolean AND is_day_full(v) THEN
    RETURN 'day_full';
  END IF;
  IF has_expired THEN
    DELETE FROM calendar_claims USING jsonb_to_recordset(v -> 'people')
      AS given (id uuid, "startsAt" timestamptz, "endsAt" timestamptz)
    WHERE person_id = given.id AND tstzrange(starts_at, ends_at) && tstzrange(given."startsAt", given."endsAt")
      AND expires_at <= at;
  END IF;
  RETURN NULL;
END
$$;

-- Whether an idempotency key made something already ('replayed', with what), was used for another request
-- ('idempotency_conflict'), or is new (NULL). The people of the request are locked: the same request waits there.
CREATE FUNCTION earlier_answer(used jsonb, at timestamptz, OUT outcome text, OUT resource uuid) LANGUAGE plpgsql AS $$
DECLARE
  earlier_hash text;
BEGIN
  SELECT idempotency_keys.request_hash, idempotency_keys.resource_id INTO earlier_hash, resource FROM idempotency_keys
  WHERE idempotency_keys.person_id = (used ->> 'personId')::uuid AND idempotency_keys.key = used ->> 'key'
    AND idempotency_keys.expires_at > at;
  IF FOUND THEN
    outcome := CASE WHEN earlier_hash = used ->> 'requestHash' AND resource IS NOT NULL
      THEN 'replayed' ELSE 'idempotency_conflict' END;
  END IF;
END
$$;

-- Notes what a key made. False where another transaction used the key for something else meanwhile.
CREATE FUNCTION use_key(used jsonb, organization uuid, made uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency_keys (person_id, key, organization_id, request_hash, resource_id, expires_at)
  VALUES ((used ->> 'personId')::uuid, used ->> 'key', organization, used ->> 'requestHash', made,
    at + interval '24 hours')
  ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE
    SET request_hash = excluded.request_hash, resource_id = excluded.resource_id, expires_at = excluded.expires_at
    WHERE idempotency_keys.expires_at <= at;
  RETURN FOUND;
END
$$;

CREATE FUNCTION write_audit(v jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_events (at, organization_id, person_id, role, action, resource_type, resource_id, patient_id,
    encounter_id, outcome, address, request_id)
  VALUES ((v ->> 'now')::timestamptz, (v ->> 'organizationId')::uuid, (v -> 'actor' ->> 'personId')::uuid,
    v -> 'actor' ->> 'role', v ->> 'action', v ->> 'resourceType', v ->> 'id', (v ->> 'patientId')::uuid,
    (v ->> 'encounterId')::uuid, 'success', (v -> 'actor' ->> 'address')::inet, v -> 'actor' ->> 'requestId');
END
$$;

-- Books a visit, from a hold or a free time, or takes a seat in a group session. `outcome` is NULL when it is booked,
-- else an obstacle, 'replayed', or an error code; then nothing has changed.
CREATE FUNCTION place_visit(v jsonb, OUT outcome text, OUT earlier uuid) LANGUAGE plpgsql AS $$
DECLARE
  at timestamptz := v ->> 'now';
  organization uuid := v ->> 'organizationId';
  visit uuid := v ->> 'id';
  meeting uuid := v ->> 'encounterId';
  the_hold uuid := v ->> 'holdId';
  the_group uuid := v ->> 'groupAppointmentId';
  held record;
BEGIN
  IF the_group IS NOT NULL THEN
    -- As whoever cancels or begins the session does, and before the people as they do.
    PERFORM 1 FROM encounters WHERE encounters.id = meeting FOR NO KEY UPDATE;
  END IF;
  PERFORM lock_people(ARRAY(SELECT jsonb_array_elements(v -> 'people') ->> 'id')::uuid[]);
  IF v ? 'key' THEN
    SELECT * INTO outcome, earlier FROM earlier_answer(v -> 'key', at);
    IF outcome IS NOT NULL THEN RETURN; END IF;
  END IF;
  IF the_group IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM appointments WHERE appointments.id = the_group AND appointments.status = 'booked'
  ) THEN outcome := 'slot_unavailable'; RETURN; END IF;
  IF the_hold IS NOT NULL THEN
    SELECT holds.expires_at, (SELECT count(*) FROM calendar_claims WHERE hold_id = the_hold) AS claims INTO held
    FROM holds WHERE holds.id = the_hold AND holds.token = (v ->> 'token')::uuid
      AND holds.made_by = (v ->> 'madeBy')::uuid FOR UPDATE;
    IF NOT FOUND THEN outcome := 'hold_unknown'; RETURN; END IF;
    -- By a clock that is ahead of ours its time may have been taken already.
    IF held.expires_at <= at
      OR held.claims < (SELECT count(*) FROM jsonb_array_elements(v -> 'people') AS p WHERE (p ->> 'claim')::boolean)
    THEN outcome := 'hold_over'; RETURN; END IF;
  ELSE
    outcome := placement_obstacle(v);
    IF outcome IS NOT NULL THEN RETURN; END IF;
  END IF;
  IF v ? 'key' AND NOT use_key(v -> 'key', organization, visit, at) THEN
    outcome := 'idempotency_conflict';
    RETURN;
  END IF;

  IF the_group IS NULL THEN
    INSERT INTO appointments (id, organization_id, provider_id, patient_id, visit_type_id, starts_at, ends_at, seats,
      series_id, payer_id, patient_region, intake_answers, provider_date, booked_by, created_at, updated_at)
    VALUES (visit, organization, (v ->> 'providerId')::uuid, (v ->> 'patientId')::uuid, (v ->> 'visitTypeId')::uuid,
      (v ->> 'startsAt')::timestamptz, (v ->> 'endsAt')::timestamptz, (v ->> 'seats')::integer,
      (v ->> 'seriesId')::uuid, (v ->> 'payerId')::uuid, v ->> 'patientRegion', v -> 'answers',
      (v ->> 'providerDate')::date, (v ->> 'madeBy')::uuid, at, at);
    INSERT INTO encounters (id, organization_id, appointment_id, patient_id, provider_id, created_at)
    VALUES (meeting, organization, visit, (v ->> 'patientId')::uuid, (v ->> 'providerId')::uuid, at);
  END IF;
  -- Somebody who gave their seat back may take one again.
  INSERT INTO presences (encounter_id, person_id, organization_id, role, since, patient_region, payer_id, intake_answers)
  SELECT meeting, given.id, organization, given.role, at,
    CASE WHEN the_group IS NOT NULL THEN v ->> 'patientRegion' END,
    CASE WHEN the_group IS NOT NULL THEN (v ->> 'payerId')::uuid END,
    CASE WHEN the_group IS NOT NULL THEN v -> 'answers' END
  FROM jsonb_to_recordset(v -> 'people') AS given (id uuid, role text, claim boolean)
  WHERE the_group IS NULL OR given.claim
  ON CONFLICT (encounter_id, person_id) DO UPDATE
    SET participation = 'accepted', admitted_at = NULL, left_at = NULL, since = excluded.since,
      patient_region = excluded.patient_region, payer_id = excluded.payer_id, intake_answers = excluded.intake_answers;
  IF the_hold IS NULL THEN
    INSERT INTO calendar_claims (organization_id, person_id, starts_at, ends_at, appointment_id)
    SELECT organization, given.id, given."startsAt", given."endsAt", visit
    FROM jsonb_to_recordset(v -> 'people')
      AS given (id uuid, claim boolean, "startsAt" timestamptz, "endsAt" timestamptz)
    WHERE given.claim;
  ELSE
    UPDATE calendar_claims SET hold_id = NULL, appointment_id = visit, expires_at = NULL
    WHERE calendar_claims.hold_id = the_hold;
    DELETE FROM holds WHERE holds.id = the_hold;
  END IF;
  PERFORM write_audit(v || '{"resourceType": "appointment"}');
  INSERT INTO outbox_events (organization_id, topic, resource_id, created_at, available_at)
  VALUES (organization, 'appointment.booked', visit, at, at);
END
$$;

-- Keeps a time for somebody. `outcome` as of place_visit, and 'too_many_holds'.
CREATE FUNCTION place_hold(v jsonb, OUT outcome text, OUT earlier uuid) LANGUAGE plpgsql AS $$
DECLARE
  at timestamptz := v ->> 'now';
  organization uuid := v ->> 'organizationId';
  the_hold uuid := v ->> 'id';
  maker uuid := v ->> 'madeBy';
  until timestamptz := v ->> 'expiresAt';
BEGIN
  PERFORM lock_people(ARRAY(SELECT jsonb_array_elements(v -> 'people') ->> 'id')::uuid[]);
  IF v ? 'key' THEN
    SELECT * INTO outcome, earlier FROM earlier_answer(v -> 'key', at);
    IF outcome IS NOT NULL THEN RETURN; END IF;
  END IF;
  IF (v ->> 'holdsMax')::integer <= (SELECT count(*) FROM holds WHERE holds.made_by = maker AND holds.expires_at > at) THEN
    outcome := 'too_many_holds';
    RETURN;
  END IF;
  outcome := placement_obstacle(v);
  IF outcome IS NOT NULL THEN RETURN; END IF;
  IF v ? 'key' AND NOT use_key(v -> 'key', organization, the_hold, at) THEN
    outcome := 'idempotency_conflict';
    RETURN;
  END IF;
  INSERT INTO holds (id, organization_id, token, made_by, patient_id, provider_id, visit_type_id, additional,
    group_appointment_id, patient_region, payer_id, starts_at, ends_at, provider_date, expires_at, created_at)
  VALUES (the_hold, organization, (v ->> 'token')::uuid, maker, (v ->> 'patientId')::uuid, (v ->> 'providerId')::uuid,
    (v ->> 'visitTypeId')::uuid, v -> 'additional', (v ->> 'groupAppointmentId')::uuid, v ->> 'patientRegion',
    (v ->> 'payerId')::uuid, (v ->> 'startsAt')::timestamptz, (v ->> 'endsAt')::timestamptz,
    (v ->> 'providerDate')::date, until, at);
  INSERT INTO calendar_claims (organization_id, person_id, starts_at, ends_at, hold_id, expires_at)
  SELECT organization, given.id, given."startsAt", given."endsAt", the_hold, until
  FROM jsonb_to_recordset(v -> 'people') AS given (id uuid, claim boolean, "startsAt" timestamptz, "endsAt" timestamptz)
  WHERE given.claim;
  PERFORM write_audit(v || '{"resourceType": "hold"}');
END
$$;

-- A visit type as the program's VisitTypeFacts.
CREATE FUNCTION visit_type_facts(visit_types) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', $1.id, 'name', $1.name, 'modality', $1.modality,
    'durationMinutes', $1.duration_minutes, 'bufferBeforeMinutes', $1.buffer_before_minutes,
    'bufferAfterMinutes', $1.buffer_after_minutes, 'stepMinutes', $1.step_minutes,
    'minimumNoticeMinutes', $1.minimum_notice_minutes, 'bookingHorizonDays', $1.booking_horizon_days,
    'cancelNoticeMinutes', $1.cancel_notice_minutes, 'seats', $1.seats, 'selfPay', $1.self_pay,
    'intakeQuestions', $1.intake_questions, 'earlyEntryMinutes', $1.early_entry_minutes,
    'lateEntryMinutes', $1.late_entry_minutes)
$$;

-- Where a provider's licences and compacts let them see patients, with the dates of each.
CREATE FUNCTION licensed_regions(provider uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('region', coalesce(licenses.region, member.region),
    'validFrom', greatest(licenses.valid_from, member.valid_from),
    'validTo', least(licenses.valid_to, member.valid_to))), '[]')
  FROM licenses LEFT JOIN compact_members AS member
    ON member.organization_id = licenses.organization_id AND member.compact = licenses.compact
  WHERE licenses.provider_id = provider AND coalesce(licenses.region, member.region) IS NOT NULL
$$;

-- What a provider's time at an instant is judged by: the days around it, and the live claims on those days.
CREATE FUNCTION provider_facts(provider uuid, v jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  starts timestamptz := v ->> 'startsAt';
  at timestamptz := v ->> 'now';
  facts jsonb;
  days jsonb;
  first_at timestamptz;
  last_at timestamptz;
  busy jsonb;
BEGIN
  SELECT jsonb_build_object('id', people.id, 'displayName', people.display_name, 'timeZone', people.time_zone,
    'version', providers.availability_version) INTO facts
  FROM providers JOIN people ON people.id = providers.person_id
  WHERE providers.person_id = provider AND providers.organization_id = (v ->> 'organizationId')::uuid
    AND people.is_active;
  IF NOT FOUND THEN RETURN NULL; END IF;
  -- A day of the provider's begins and ends within a day and a half of the same date in UTC.
  SELECT jsonb_agg(jsonb_build_object('openings', slot_days.openings)), min(slot_days.first_open_at),
    max(slot_days.last_open_at) INTO days, first_at, last_at
  FROM slot_days
  WHERE slot_days.provider_id = provider
    AND slot_days.on_date BETWEEN (starts AT TIME ZONE 'UTC')::date - 2 AND (starts AT TIME ZONE 'UTC')::date + 1
    AND slot_days.first_open_at <= starts AND slot_days.last_open_at > starts;
  SELECT jsonb_agg(jsonb_build_object('startsAtMs', extract(epoch FROM claim.starts_at) * 1000,
    'endsAtMs', extract(epoch FROM claim.ends_at) * 1000) ORDER BY claim.starts_at) INTO busy
  FROM calendar_claims AS claim
  WHERE claim.person_id = provider
    -- With the longest buffer on either side; no claim is as long as a day.
    AND claim.starts_at BETWEEN coalesce(first_at, starts) - interval '28 hours'
      AND coalesce(last_at, starts) + interval '28 hours'
    AND claim.ends_at >= coalesce(first_at, starts) - interval '4 hours'
    AND (claim.expires_at IS NULL OR claim.expires_at > at)
    AND claim.appointment_id IS DISTINCT FROM (v ->> 'replacedId')::uuid;
  RETURN facts || jsonb_build_object('days', coalesce(days, '[]'), 'busy', coalesce(busy, '[]'), 'regions',
    CASE WHEN (v ->> 'requiresLicense')::boolean THEN licensed_regions(provider) ELSE '[]' END);
END
$$;

-- Everything that a wanted time is judged by: WantedFacts of core/src/scheduling/booking-facts.ts to its BookingFacts.
-- Small statements whose plans are kept: one large statement was planned anew each time.
CREATE FUNCTION booking_facts(v jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  organization uuid := v ->> 'organizationId';
  wanted_type uuid := v ->> 'visitTypeId';
  wanted_patient uuid := v ->> 'patientId';
  wanted_payer uuid := v ->> 'payerId';
  wanted_group uuid := v ->> 'groupAppointmentId';
  asks_license boolean;
  provider text;
  one jsonb;
  providers jsonb := '[]';
  visit_type jsonb;
  patient jsonb;
  payer_is_known boolean := false;
  payer_rule_list jsonb := '[]';
  session jsonb;
BEGIN
  SELECT organizations.requires_license INTO asks_license FROM organizations WHERE organizations.id = organization;
  SELECT visit_type_facts(visit_types) INTO visit_type FROM visit_types
  WHERE visit_types.id = wanted_type AND visit_types.organization_id = organization AND visit_types.is_active;
  FOR provider IN SELECT jsonb_array_elements_text(v -> 'providerIds') LOOP
    one := provider_facts(provider::uuid, v || jsonb_build_object('requiresLicense', asks_license));
    IF one IS NOT NULL THEN providers := providers || one; END IF;
  END LOOP;
  IF wanted_patient IS NOT NULL THEN
    SELECT jsonb_build_object('displayName', people.display_name, 'region', patients.region) INTO patient
    FROM patients JOIN people ON people.id = patients.person_id
    WHERE patients.person_id = wanted_patient AND patients.organization_id = organization AND people.is_active;
  END IF;
  IF wanted_payer IS NOT NULL THEN
    payer_is_known := EXISTS (SELECT 1 FROM payers
      WHERE payers.id = wanted_payer AND payers.organization_id = organization AND payers.is_active);
    SELECT coalesce(jsonb_agg(jsonb_build_object('payerId', payer_id, 'visitTypeId', visit_type_id, 'region', region,
      'effect', effect, 'validFrom', valid_from, 'validTo', valid_to)), '[]') INTO payer_rule_list
    FROM payer_rules
    WHERE payer_rules.organization_id = organization
      AND (payer_rules.visit_type_id IS NULL OR payer_rules.visit_type_id = wanted_type);
  END IF;
  IF wanted_group IS NOT NULL THEN
    SELECT jsonb_build_object('encounterId', encounters.id, 'providerId', appointments.provider_id,
      'visitTypeId', appointments.visit_type_id, 'startsAtMs', extract(epoch FROM appointments.starts_at) * 1000,
      'people', (SELECT jsonb_agg(person_id) FROM presences WHERE encounter_id = encounters.id AND role <> 'patient')
    ) INTO session
    FROM appointments JOIN encounters ON encounters.appointment_id = appointments.id
    WHERE appointments.id = wanted_group AND appointments.organization_id = organization
      AND appointments.patient_id IS NULL AND appointments.status = 'booked';
  END IF;
  RETURN jsonb_build_object('requiresLicense', asks_license, 'visitType', visit_type, 'providers', providers,
    'patient', patient, 'payerIsKnown', payer_is_known, 'payerRules', payer_rule_list, 'group', session);
END
$$;

-- A plan that was made while a table had a page reads all of it by and by; every statement here has an index, and none
-- is better off planned anew.
ALTER FUNCTION lock_people(uuid[]) SET enable_seqscan = off;
ALTER FUNCTION place_visit(jsonb) SET enable_seqscan = off;
ALTER FUNCTION place_visit(jsonb) SET plan_cache_mode = 'force_generic_plan';
ALTER FUNCTION place_hold(jsonb) SET enable_seqscan = off;
ALTER FUNCTION place_hold(jsonb) SET plan_cache_mode = 'force_generic_plan';
ALTER FUNCTION booking_facts(jsonb) SET enable_seqscan = off;
ALTER FUNCTION booking_facts(jsonb) SET plan_cache_mode = 'force_generic_plan';
ALTER FUNCTION require_claims() SET enable_seqscan = off;
