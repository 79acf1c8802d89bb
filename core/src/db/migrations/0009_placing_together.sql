-- Placing visits of different people together: most of what one costs is the statements, whose checks are compiled and
-- whose plans are started anew each time; several in one share them, and one commit (ADR 0018).

-- What overlaps is asked for by instants: row-level security lets an index serve no operator that is not leakproof, and &&
-- is none. So that few claims are looked at, none is longer than a day, which is three times the longest visit.
ALTER TABLE calendar_claims ADD CHECK (ends_at - starts_at <= interval '24 hours');

CREATE TYPE visit_to_place AS (
  id uuid, encounter_id uuid, organization_id uuid, provider_id uuid, patient_id uuid, visit_type_id uuid,
  starts_at timestamptz, ends_at timestamptz, provider_date date, payer_id uuid, patient_region text, answers jsonb,
  seats integer, capped boolean, made_by uuid, action text, actor_id uuid, actor_role text, address inet, request_id text,
  key_person_id uuid, key text, request_hash text
);

-- `version`: of the availability by which the time was judged; NULL where it was not.
CREATE TYPE person_to_place AS (
  visit_id uuid, organization_id uuid, encounter_id uuid, id uuid, role text, claim boolean,
  starts_at timestamptz, ends_at timestamptz, version integer
);

CREATE TYPE placing_outcome AS (visit_id uuid, outcome text, earlier uuid);

-- Books visits that share nobody, and answers one outcome each, as of place_visit. 'alone': nothing has changed, and it
-- has to be asked of place_visit, which waits for whoever is locked, counts caps, sweeps holds that are over and lets in
-- whom their relationships let in. Takes neither holds nor seats. It waits for nobody's calendar, so that one visit
-- cannot keep the others. Several people's visits have no person's scope, so each is held against its own row: a patient
-- books for themselves, and the desk for anybody of its organization, as account_roles has them.
CREATE FUNCTION place_visits(at timestamptz, given jsonb) RETURNS SETOF placing_outcome LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  wanted visit_to_place[] := ARRAY(
    SELECT visit FROM jsonb_populate_recordset(NULL::visit_to_place, given -> 'visits') AS visit);
  members person_to_place[] := ARRAY(
    SELECT member FROM jsonb_populate_recordset(NULL::person_to_place, given -> 'people') AS member);
  locked uuid[];
  outcomes placing_outcome[];
  noted bigint;
BEGIN
  locked := ARRAY(
    SELECT people.id FROM people WHERE people.id = ANY (ARRAY(SELECT member.id FROM unnest(members) AS member))
    FOR NO KEY UPDATE SKIP LOCKED);
  outcomes := ARRAY(
    SELECT ROW(visit.id,
      CASE
        WHEN found.is_away OR visit.made_by IS DISTINCT FROM visit.actor_id
          OR visit.key_person_id IS DISTINCT FROM visit.actor_id AND visit.key IS NOT NULL
          OR NOT EXISTS (SELECT FROM account_roles WHERE account_roles.person_id = visit.actor_id
            AND (account_roles.role IN ('front-desk', 'admin')
              OR account_roles.role = 'patient' AND visit.actor_id = visit.patient_id))
        THEN 'alone'
        WHEN used.expires_at > at AND used.request_hash = visit.request_hash AND used.resource_id IS NOT NULL
        THEN 'replayed'
        WHEN used.expires_at > at THEN 'idempotency_conflict'
        WHEN found.is_changed THEN 'changed'
        WHEN found.busy IS NOT NULL THEN found.busy::text
        WHEN found.has_expired
          OR visit.capped AND EXISTS (SELECT FROM daily_caps WHERE daily_caps.provider_id = visit.provider_id)
        THEN 'alone'
      END,
      used.resource_id)::placing_outcome
    FROM unnest(wanted) AS visit
    JOIN (
      SELECT member.visit_id, bool_or(member.id <> ALL (locked)) AS is_away,
        -- One at a time, as the claims and the keys are: joined, each of these tables would be read whole.
        bool_or(member.version IS NOT NULL AND member.version IS DISTINCT FROM (
          SELECT providers.availability_version FROM providers WHERE providers.person_id = member.id)) AS is_changed,
        (array_agg(member.id) FILTER (WHERE claim.is_live))[1] AS busy,
        bool_or(NOT claim.is_live) AS has_expired
      FROM unnest(members) AS member
      CROSS JOIN LATERAL (
        SELECT bool_or(calendar_claims.expires_at IS NULL OR calendar_claims.expires_at > at) AS is_live
        FROM calendar_claims
        WHERE member.claim AND calendar_claims.person_id = member.id
          AND calendar_claims.starts_at < member.ends_at
          AND calendar_claims.starts_at > member.starts_at - interval '24 hours'
          AND calendar_claims.ends_at > member.starts_at
      ) AS claim
      GROUP BY member.visit_id
    ) AS found ON found.visit_id = visit.id
    LEFT JOIN LATERAL (
      SELECT idempotency_keys.expires_at, idempotency_keys.request_hash, idempotency_keys.resource_id
      FROM idempotency_keys
      WHERE idempotency_keys.person_id = visit.key_person_id AND idempotency_keys.key = visit.key
      LIMIT 1
    ) AS used ON true
  );
  IF EXISTS (SELECT FROM unnest(outcomes) AS one WHERE one.outcome IS NOT NULL) THEN
    wanted := ARRAY(SELECT visit FROM unnest(wanted) AS visit
      WHERE visit.id IN (SELECT one.visit_id FROM unnest(outcomes) AS one WHERE one.outcome IS NULL));
    members := ARRAY(SELECT member FROM unnest(members) AS member
      WHERE member.visit_id IN (SELECT one.visit_id FROM unnest(outcomes) AS one WHERE one.outcome IS NULL));
  END IF;
  IF cardinality(wanted) > 0 THEN
    INSERT INTO idempotency_keys (person_id, key, organization_id, request_hash, resource_id, expires_at)
    SELECT visit.key_person_id, visit.key, visit.organization_id, visit.request_hash, visit.id, at + interval '24 hours'
    FROM unnest(wanted) AS visit WHERE visit.key IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE
      SET request_hash = excluded.request_hash, resource_id = excluded.resource_id, expires_at = excluded.expires_at
      WHERE idempotency_keys.expires_at <= at;
    GET DIAGNOSTICS noted = ROW_COUNT;
    IF noted < (SELECT count(*) FROM unnest(wanted) AS visit WHERE visit.key IS NOT NULL) THEN
      -- Somebody used a key for something else meanwhile; whose it was is found when each is placed alone.
      RAISE EXCEPTION 'an idempotency key was used meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    WITH
      visits AS (
        INSERT INTO appointments (id, organization_id, provider_id, patient_id, visit_type_id, starts_at, ends_at, seats,
          payer_id, patient_region, intake_answers, provider_date, booked_by, created_at, updated_at)
        SELECT id, organization_id, provider_id, patient_id, visit_type_id, starts_at, ends_at, seats, payer_id,
          patient_region, answers, provider_date, made_by, at, at
        FROM unnest(wanted)
      ),
      meetings AS (
        INSERT INTO encounters (id, organization_id, appointment_id, patient_id, provider_id, created_at)
        SELECT encounter_id, organization_id, id, patient_id, provider_id, at FROM unnest(wanted)
      ),
      expected AS (
        INSERT INTO presences (encounter_id, person_id, organization_id, role, since)
        SELECT encounter_id, id, organization_id, role, at FROM unnest(members)
      ),
      claims AS (
        INSERT INTO calendar_claims (organization_id, person_id, starts_at, ends_at, appointment_id)
        SELECT organization_id, id, starts_at, ends_at, visit_id FROM unnest(members) WHERE claim
      ),
      told AS (
        INSERT INTO outbox_events (organization_id, topic, resource_id, created_at, available_at)
        SELECT organization_id, 'appointment.booked', id, at, at FROM unnest(wanted)
      )
    INSERT INTO audit_events (at, organization_id, person_id, role, action, resource_type, resource_id, patient_id,
      encounter_id, outcome, address, request_id)
    SELECT at, organization_id, actor_id, actor_role, action, 'appointment', id, patient_id, encounter_id, 'success',
      address, request_id
    FROM unnest(wanted);
  END IF;
  RETURN QUERY SELECT * FROM unnest(outcomes);
END
$$;
ALTER FUNCTION place_visits(timestamptz, jsonb) SET enable_seqscan = off;
ALTER FUNCTION place_visits(timestamptz, jsonb) SET plan_cache_mode = 'force_generic_plan';

-- The purpose `booking`, in the organization that its scope names.
DO $$
DECLARE
  grants record;
  condition constant text := '(SELECT scope_purpose()) = ''booking'' AND organization_id = (SELECT scope_organization())';
BEGIN
  FOR grants IN SELECT * FROM (VALUES
    ('SELECT', ARRAY['people', 'account_roles', 'providers', 'daily_caps', 'calendar_claims', 'idempotency_keys']),
    -- A lock on whoever is in a visit, and a key whose time is over.
    ('UPDATE', ARRAY['people', 'idempotency_keys']),
    ('INSERT', ARRAY['appointments', 'encounters', 'presences', 'calendar_claims', 'idempotency_keys', 'outbox_events'])
  ) AS given (command, relations)
  LOOP
    FOR index IN 1 .. cardinality(grants.relations) LOOP
      EXECUTE format('CREATE POLICY %I ON %I FOR %s TO bedside_app %s (%s)', 'booking_' || lower(grants.command),
        grants.relations[index], grants.command,
        CASE grants.command WHEN 'INSERT' THEN 'WITH CHECK' ELSE 'USING' END, condition);
    END LOOP;
  END LOOP;
END
$$;

-- As before, by instants. In loops: of a joined row even the day before its start would be arithmetic that is not leakproof.
CREATE OR REPLACE FUNCTION placement_obstacle(v jsonb) RETURNS text LANGUAGE plpgsql SET bedside.purpose = 'placing' AS $$
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
    WHERE person_id = person.id AND starts_at < person."endsAt"
      AND starts_at > person."startsAt" - interval '24 hours' AND ends_at > person."startsAt";
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
  IF NOT has_expired THEN RETURN NULL; END IF;
  FOR person IN
    SELECT * FROM jsonb_to_recordset(v -> 'people')
      AS given (id uuid, "startsAt" timestamptz, "endsAt" timestamptz)
  LOOP
    DELETE FROM calendar_claims
    WHERE person_id = person.id AND starts_at < person."endsAt"
      AND starts_at > person."startsAt" - interval '24 hours' AND ends_at > person."startsAt" AND expires_at <= at;
  END LOOP;
  RETURN NULL;
END
$$;

-- As before, but the key alone is looked up: with its expiry in the condition, a plan made while the table was small
-- reads the expiries of all keys.
CREATE OR REPLACE FUNCTION earlier_answer(used jsonb, at timestamptz, OUT outcome text, OUT resource uuid)
LANGUAGE plpgsql AS $$
DECLARE
  earlier record;
BEGIN
  SELECT idempotency_keys.request_hash, idempotency_keys.resource_id, idempotency_keys.expires_at INTO earlier
  FROM idempotency_keys
  WHERE idempotency_keys.person_id = (used ->> 'personId')::uuid AND idempotency_keys.key = used ->> 'key';
  IF NOT FOUND OR earlier.expires_at <= at THEN RETURN; END IF;
  resource := earlier.resource_id;
  outcome := CASE WHEN earlier.request_hash = used ->> 'requestHash' AND resource IS NOT NULL
    THEN 'replayed' ELSE 'idempotency_conflict' END;
END
$$;

-- As before, with the claims that can matter alone, and their instants without numeric arithmetic: it was most of the time.
CREATE OR REPLACE FUNCTION provider_facts(provider uuid, v jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  starts timestamptz := v ->> 'startsAt';
  at timestamptz := v ->> 'now';
  replaced uuid := v ->> 'replacedId';
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
  first_at := coalesce(first_at, starts);
  -- Of a series beyond the days that are laid out: no visit is longer.
  last_at := coalesce(last_at, starts + interval '8 hours');
  SELECT jsonb_agg(jsonb_build_object('startsAtMs', (date_part('epoch', claim.starts_at) * 1000)::bigint,
    'endsAtMs', (date_part('epoch', claim.ends_at) * 1000)::bigint) ORDER BY claim.starts_at) INTO busy
  FROM calendar_claims AS claim
  WHERE claim.person_id = provider
    -- With the longest buffer, 4 h, on either side; no claim is as long as a day.
    AND claim.starts_at BETWEEN first_at - interval '28 hours' AND last_at + interval '4 hours'
    AND claim.ends_at >= first_at - interval '4 hours'
    AND (claim.expires_at IS NULL OR claim.expires_at > at)
    -- A hold has no appointment: without one that is moved, every claim counts.
    AND (replaced IS NULL OR claim.appointment_id IS DISTINCT FROM replaced);
  RETURN facts || jsonb_build_object('days', coalesce(days, '[]'), 'busy', coalesce(busy, '[]'), 'regions',
    CASE WHEN (v ->> 'requiresLicense')::boolean THEN licensed_regions(provider) ELSE '[]' END);
END
$$;
