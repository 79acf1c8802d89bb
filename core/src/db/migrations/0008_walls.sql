-- The database's own wall (ADR 0020): the application works as bedside_app, which owns no table and cannot pass
-- row-level security, and every statement is judged by the scope that its transaction carries (core/src/db/scope.ts).
-- Without a scope every table is empty and refuses every row.

DO $$
BEGIN
  -- A role belongs to the whole cluster, so that another database may have made it, also at this moment.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bedside_app') THEN
    CREATE ROLE bedside_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
-- For an owner under whose own URL the application works too: it takes the role on.
DO $$
BEGIN
  IF NOT pg_has_role('bedside_app', 'MEMBER') THEN EXECUTE 'GRANT bedside_app TO CURRENT_USER'; END IF;
END
$$;

ALTER TABLE account_roles DROP CONSTRAINT account_roles_role_check;
ALTER TABLE account_roles ADD CONSTRAINT account_roles_role_check
  CHECK (role IN ('patient', 'provider', 'front-desk', 'admin', 'compliance', 'service'));

-- Whose record somebody acts for, until when, and how far: `read` what the patient sees, `schedule` what they book.
CREATE TABLE patient_proxies (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  proxy_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('guardian', 'proxy')),
  scopes text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 2 AND scopes <@ ARRAY['read', 'schedule']),
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3) CHECK (valid_to > valid_from),
  made_by uuid NOT NULL,
  made_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  CHECK (patient_id <> proxy_id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, proxy_id) REFERENCES people (organization_id, id),
  FOREIGN KEY (organization_id, made_by) REFERENCES people (organization_id, id)
);
CREATE INDEX patient_proxies_proxy ON patient_proxies (proxy_id, patient_id) WHERE ended_at IS NULL;
CREATE INDEX patient_proxies_patient ON patient_proxies (patient_id) WHERE ended_at IS NULL;

-- Who looks after a patient beyond single visits.
CREATE TABLE care_team_members (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  member_id uuid NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3) CHECK (valid_to > valid_from),
  made_by uuid NOT NULL,
  made_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  CHECK (patient_id <> member_id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES providers (organization_id, person_id),
  FOREIGN KEY (organization_id, made_by) REFERENCES people (organization_id, id)
);
CREATE INDEX care_team_members_member ON care_team_members (member_id, patient_id) WHERE ended_at IS NULL;
CREATE INDEX care_team_members_patient ON care_team_members (patient_id) WHERE ended_at IS NULL;

-- Who stands in for a provider: for that time they may do with the provider's patients and visits what the provider may.
CREATE TABLE provider_covers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  covering_id uuid NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3) NOT NULL CHECK (valid_to > valid_from AND valid_to <= valid_from + interval '366 days'),
  made_by uuid NOT NULL,
  made_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  CHECK (provider_id <> covering_id),
  FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, person_id),
  FOREIGN KEY (organization_id, covering_id) REFERENCES providers (organization_id, person_id),
  FOREIGN KEY (organization_id, made_by) REFERENCES people (organization_id, id)
);
CREATE INDEX provider_covers_covering ON provider_covers (covering_id, provider_id) WHERE ended_at IS NULL;
CREATE INDEX provider_covers_provider ON provider_covers (provider_id) WHERE ended_at IS NULL;

-- Break-glass: reading a record in an emergency, for minutes, with a reason that compliance looks at.
CREATE TABLE emergency_accesses (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  person_id uuid NOT NULL,
  sealed_reason bytea NOT NULL
    CHECK (octet_length(sealed_reason) BETWEEN 34 AND 3000 AND get_byte(sealed_reason, 0) = 1),
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3) NOT NULL CHECK (valid_to > valid_from AND valid_to <= valid_from + interval '4 hours'),
  ended_at timestamptz(3),
  CHECK (patient_id <> person_id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, person_id),
  FOREIGN KEY (organization_id, person_id) REFERENCES providers (organization_id, person_id)
);
CREATE INDEX emergency_accesses_person ON emergency_accesses (person_id, patient_id, valid_to);
CREATE INDEX emergency_accesses_recent ON emergency_accesses (organization_id, valid_from);

-- Providers are named to everybody of the organization; others only to whom they have to do with.
ALTER TABLE people ADD COLUMN is_listed boolean NOT NULL DEFAULT false;
UPDATE people SET is_listed = true WHERE EXISTS (SELECT FROM providers WHERE providers.person_id = people.id);
CREATE FUNCTION list_provider() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE people SET is_listed = true WHERE people.id = NEW.person_id AND NOT people.is_listed;
  RETURN NULL;
END
$$;
CREATE TRIGGER providers_listed AFTER INSERT ON providers FOR EACH ROW EXECUTE FUNCTION list_provider();

-- The scope. A setting that a transaction had is the empty string after it. SQL of one expression: they are inlined.
CREATE FUNCTION scope_purpose() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('bedside.purpose', true), '')
$$;
CREATE FUNCTION scope_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('bedside.organization', true), '')::uuid
$$;
CREATE FUNCTION scope_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('bedside.person', true), '')::uuid
$$;
CREATE FUNCTION scope_at() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('bedside.at', true), '')::timestamptz
$$;
CREATE FUNCTION scope_encounter() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('bedside.encounter', true), '')::uuid
$$;
-- Whether whoever asks has one of these roles.
CREATE FUNCTION scope_has(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(nullif(current_setting('bedside.roles', true), '')::text[] && wanted, false)
$$;

-- Whoever asks, where they have one of these roles; NULL, which is nobody, where they do not.
CREATE FUNCTION scope_as(VARIADIC wanted text[]) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN coalesce(nullif(current_setting('bedside.roles', true), '')::text[] && wanted, false)
    THEN nullif(current_setting('bedside.person', true), '')::uuid END
$$;

-- Questions about who has to do with whom. They look at tables whose own policies ask them, so they look for the purpose
-- `relations`, which reads those tables in the scope's organization and is set nowhere else.
CREATE FUNCTION covers_provider(provider uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM provider_covers AS cover
    WHERE cover.covering_id = scope_as('provider') AND cover.provider_id = provider AND cover.ended_at IS NULL
      AND cover.valid_from <= scope_at() AND cover.valid_to > scope_at());
END
$$;
-- `wanted`: 'read' or 'schedule'. As somebody's proxy; to read, also as one of their care team, or of whom one of it is
-- stood in for, or in an emergency.
CREATE FUNCTION reaches_patient(patient uuid, wanted text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF EXISTS (
    SELECT FROM patient_proxies AS proxy
    WHERE proxy.proxy_id = scope_as('patient') AND proxy.patient_id = patient AND proxy.ended_at IS NULL
      AND wanted = ANY (proxy.scopes) AND proxy.valid_from <= scope_at()
      AND (proxy.valid_to IS NULL OR proxy.valid_to > scope_at())
  ) THEN RETURN true; END IF;
  IF wanted <> 'read' OR NOT scope_has('provider') THEN RETURN false; END IF;
  RETURN EXISTS (
    SELECT FROM care_team_members AS team
    WHERE team.patient_id = patient AND team.ended_at IS NULL
      AND team.valid_from <= scope_at() AND (team.valid_to IS NULL OR team.valid_to > scope_at())
      AND (team.member_id = scope_as('provider') OR covers_provider(team.member_id))
  ) OR EXISTS (
    SELECT FROM emergency_accesses AS emergency
    WHERE emergency.person_id = scope_as('provider') AND emergency.patient_id = patient AND emergency.ended_at IS NULL
      AND emergency.valid_from <= scope_at() AND emergency.valid_to > scope_at());
END
$$;
-- Whether somebody is, or was, on a visit's list.
CREATE FUNCTION is_listed_in(visit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM presences WHERE presences.encounter_id = visit AND presences.person_id = scope_as('patient', 'provider')
      AND (presences.role <> 'provider' OR scope_has('provider')));
END
$$;
-- Whether somebody may see what is in a visit: as one of its people, or by a relationship with one of its patients or its
-- provider.
CREATE FUNCTION reaches_visit(visit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    -- Who is no provider any more, or came in as a patient alone, leads nothing.
    SELECT FROM presences WHERE presences.encounter_id = visit AND presences.person_id = scope_as('patient', 'provider')
      AND presences.participation = 'accepted' AND (presences.role <> 'provider' OR scope_has('provider'))
  ) OR EXISTS (
    SELECT FROM presences WHERE presences.encounter_id = visit AND presences.participation = 'accepted'
      AND CASE presences.role WHEN 'patient' THEN reaches_patient(presences.person_id, 'read')
        WHEN 'provider' THEN covers_provider(presences.person_id) ELSE false END);
END
$$;
-- Whether somebody may book for this patient with this provider. A session has no patient of its own.
CREATE FUNCTION may_schedule(patient uuid, provider uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN scope_has('front-desk', 'admin')
    OR patient = scope_as('patient')
    OR provider = scope_as('provider')
    OR covers_provider(provider)
    OR (patient IS NOT NULL AND reaches_patient(patient, 'schedule'));
END
$$;
-- Whether somebody may move, cancel or take part in the planning of a visit.
CREATE FUNCTION may_change_visit(visit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  visit_of record;
BEGIN
  SELECT encounters.patient_id, encounters.provider_id INTO visit_of FROM encounters WHERE encounters.id = visit;
  IF NOT FOUND THEN RETURN false; END IF;
  -- Most often it is one's own: another function, with a purpose of its own to set and take back, costs more than the look.
  IF visit_of.patient_id = scope_as('patient') OR visit_of.provider_id = scope_as('provider') THEN RETURN true; END IF;
  RETURN may_schedule(visit_of.patient_id, visit_of.provider_id);
END
$$;
CREATE FUNCTION may_change_appointment(appointment uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  visit_of record;
BEGIN
  SELECT encounters.patient_id, encounters.provider_id INTO visit_of FROM encounters
  WHERE encounters.appointment_id = appointment;
  IF NOT FOUND THEN RETURN false; END IF;
  IF visit_of.patient_id = scope_as('patient') OR visit_of.provider_id = scope_as('provider') THEN RETURN true; END IF;
  RETURN may_schedule(visit_of.patient_id, visit_of.provider_id);
END
$$;
-- Whether somebody leads a visit, or stands in for whoever does.
CREATE FUNCTION hosts_visit(visit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM encounters WHERE encounters.id = visit
      AND (encounters.provider_id = scope_as('provider') OR covers_provider(encounters.provider_id)));
END
$$;
-- Whether a time is that of a seat in a session, of the person's own or of whom they book for.
CREATE FUNCTION may_take_seat(appointment uuid, sitter uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM appointments WHERE appointments.id = appointment AND appointments.patient_id IS NULL)
    AND may_schedule(sitter, NULL);
END
$$;
-- Whether two people are in a visit together, or one reaches the other as a patient.
CREATE FUNCTION knows_person(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM presences AS theirs JOIN presences AS mine ON mine.encounter_id = theirs.encounter_id
    WHERE theirs.person_id = person AND mine.person_id = scope_as('patient', 'provider') AND mine.participation = 'accepted'
      AND (mine.role <> 'provider' OR scope_has('provider'))
      AND (theirs.participation = 'accepted' OR mine.role <> 'patient')
  ) OR EXISTS (
    SELECT FROM presences AS theirs JOIN encounters ON encounters.id = theirs.encounter_id
    WHERE theirs.person_id = person AND covers_provider(encounters.provider_id)
  ) OR EXISTS (
    SELECT FROM presences AS theirs JOIN presences AS patients ON patients.encounter_id = theirs.encounter_id
    WHERE theirs.person_id = person AND patients.role = 'patient' AND reaches_patient(patients.person_id, 'read')
  ) OR EXISTS (
    -- Who acts for somebody is no stranger to them.
    SELECT FROM patient_proxies WHERE patient_proxies.patient_id = scope_person() AND patient_proxies.proxy_id = person
  ) OR reaches_patient(person, 'read') OR reaches_patient(person, 'schedule');
END
$$;
-- Of the one visit that the purpose `visit` is about.
CREATE FUNCTION scope_appointment() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT encounters.appointment_id FROM encounters WHERE encounters.id = scope_encounter());
END
$$;
CREATE FUNCTION is_in_scope_visit(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM presences WHERE presences.encounter_id = scope_encounter() AND presences.person_id = person);
END
$$;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['covers_provider(uuid)', 'reaches_patient(uuid, text)', 'is_listed_in(uuid)',
    'reaches_visit(uuid)', 'may_schedule(uuid, uuid)', 'may_change_visit(uuid)', 'may_change_appointment(uuid)',
    'hosts_visit(uuid)', 'may_take_seat(uuid, uuid)', 'knows_person(uuid)', 'scope_appointment()', 'is_in_scope_visit(uuid)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET bedside.purpose = ''relations''', name);
    -- All of it is looked up by id: what a policy asks for each row is not planned for each.
    EXECUTE format('ALTER FUNCTION %s SET plan_cache_mode = ''force_generic_plan''', name);
  END LOOP;
END
$$;

-- What a booking is judged by is everybody's time, of which whoever books sees only the outcome.
ALTER FUNCTION lock_people(uuid[]) SET bedside.purpose = 'placing';
ALTER FUNCTION is_day_full(jsonb) SET bedside.purpose = 'placing';
ALTER FUNCTION placement_obstacle(jsonb) SET bedside.purpose = 'placing';
ALTER FUNCTION booking_facts(jsonb) SET bedside.purpose = 'placing';
ALTER FUNCTION require_claims() SET bedside.purpose = 'placing';

-- How many visits and live holds a provider's day has, of one type or of all.
CREATE FUNCTION visits_on_day(provider uuid, on_day date, of_type uuid, at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET bedside.purpose = 'placing' AS $$
BEGIN
  RETURN (
    SELECT count(*) FROM appointments
    WHERE appointments.provider_id = provider AND appointments.provider_date = on_day
      AND appointments.status NOT IN ('cancelled', 'rescheduled', 'entered-in-error')
      AND (of_type IS NULL OR appointments.visit_type_id = of_type)
  ) + (
    SELECT count(*) FROM holds
    WHERE holds.provider_id = provider AND holds.provider_date = on_day
      AND holds.group_appointment_id IS NULL AND holds.expires_at > at
      AND (of_type IS NULL OR holds.visit_type_id = of_type));
END
$$;
-- How many seats of a session are taken, and held; not by whom.
CREATE FUNCTION seats_taken(session uuid) RETURNS integer
LANGUAGE plpgsql STABLE SET bedside.purpose = 'placing' AS $$
BEGIN
  RETURN (
    SELECT count(*) FROM presences JOIN encounters ON encounters.id = presences.encounter_id
    WHERE encounters.appointment_id = session AND presences.role = 'patient' AND presences.participation = 'accepted');
END
$$;
CREATE FUNCTION seats_held(session uuid, at timestamptz) RETURNS integer
LANGUAGE plpgsql STABLE SET bedside.purpose = 'placing' AS $$
BEGIN
  RETURN (SELECT count(*) FROM holds WHERE holds.group_appointment_id = session AND holds.expires_at > at);
END
$$;
-- The earliest end of a visit that a provider is in now and that should be over: its end alone, not whose it is.
CREATE FUNCTION runs_over_since(provider uuid, starts_before timestamptz, at timestamptz, seen_since timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE SET bedside.purpose = 'placing' AS $$
BEGIN
  RETURN (
    SELECT min(appointments.ends_at) FROM appointments
    JOIN encounters ON encounters.appointment_id = appointments.id
    JOIN presences ON presences.encounter_id = encounters.id
    WHERE appointments.provider_id = provider AND appointments.starts_at < starts_before
      AND appointments.starts_at > at - interval '1 day' AND appointments.ends_at < at
      AND encounters.status = 'in-progress' AND presences.person_id = provider
      AND presences.presence = 'admitted' AND presences.seen_at >= seen_since);
END
$$;

-- Which purposes see and write which tables, in the organization of the scope where it names one. ADR 0020 has it as a
-- table.
CREATE FUNCTION pg_temp.wall_purposes(relation text, command text, purposes text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  condition text := format('(SELECT scope_purpose()) = ANY (%L)', purposes);
BEGIN
  IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'public' AND table_name = relation
    AND column_name = CASE relation WHEN 'organizations' THEN 'id' ELSE 'organization_id' END)
  THEN
    condition := condition || format(
      ' AND ((SELECT scope_organization()) IS NULL OR %I = (SELECT scope_organization()))',
      CASE relation WHEN 'organizations' THEN 'id' ELSE 'organization_id' END);
  END IF;
  EXECUTE format('CREATE POLICY %I ON %I FOR %s TO bedside_app %s%s', 'system_' || lower(command), relation, command,
    CASE WHEN command <> 'INSERT' THEN 'USING (' || condition || ')' END,
    CASE WHEN command IN ('INSERT', 'UPDATE', 'ALL') THEN ' WITH CHECK (' || condition || ')' END);
END
$$;
-- What a person sees and writes: always in their own organization.
CREATE FUNCTION pg_temp.wall_person(relation text, command text, sees text, writes text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  prefix text := CASE relation WHEN 'organizations' THEN 'id' ELSE 'organization_id' END
    || ' = (SELECT scope_organization()) AND (SELECT scope_person()) IS NOT NULL AND (';
BEGIN
  EXECUTE format('CREATE POLICY %I ON %I FOR %s TO bedside_app %s%s', 'person_' || lower(command), relation, command,
    CASE WHEN command <> 'INSERT' THEN 'USING (' || prefix || sees || '))' END,
    CASE WHEN command IN ('INSERT', 'UPDATE', 'ALL')
      THEN ' WITH CHECK (' || prefix || coalesce(writes, sees) || '))' END);
END
$$;

DO $$
DECLARE
  relation text;
  -- Oneself, whatever one's roles; in a visit or for a patient; as a patient; as a provider.
  self constant text := '(SELECT scope_person())';
  me constant text := '(SELECT scope_as(''patient'', ''provider''))';
  patient constant text := '(SELECT scope_as(''patient''))';
  provider constant text := '(SELECT scope_as(''provider''))';
  booker constant text := '(SELECT scope_as(''patient'', ''front-desk'', ''admin''))';
  desk constant text := '(SELECT scope_has(''front-desk'', ''admin''))';
  admin constant text := '(SELECT scope_has(''admin''))';
  overseer constant text := '(SELECT scope_has(''compliance'', ''admin''))';
  -- The cheap before the dear: an OR has no order, a CASE has.
  schedules constant text := format('CASE WHEN %s OR patient_id = %s OR provider_id = %s THEN true
    ELSE may_schedule(patient_id, provider_id) END', desk, patient, provider);
  own_provider text;
BEGIN
  FOR relation IN
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', relation);
    -- Migrations of an owner who is no superuser pass it, and nothing else that the owner does.
    EXECUTE format('CREATE POLICY migration ON %I TO CURRENT_USER USING ((SELECT scope_purpose()) = ''migration'')
      WITH CHECK ((SELECT scope_purpose()) = ''migration'')', relation);
  END LOOP;

  -- Set-up makes and changes everything but the trail, to which it appends like all others.
  FOREACH relation IN ARRAY ARRAY['organizations', 'people', 'identities', 'account_roles', 'patients', 'providers',
    'contact_points', 'visit_types', 'availability_rules', 'time_off', 'holidays', 'licenses', 'compact_members',
    'payers', 'payer_rules', 'daily_caps', 'slot_days', 'appointments', 'encounters', 'presences', 'calendar_claims',
    'patient_proxies', 'care_team_members', 'provider_covers']
  LOOP
    PERFORM pg_temp.wall_purposes(relation, 'ALL', '{set-up}');
  END LOOP;

  -- What everybody of an organization may know: who works there, when, and by which rules.
  FOREACH relation IN ARRAY ARRAY['organizations', 'providers', 'visit_types', 'availability_rules', 'time_off',
    'holidays', 'licenses', 'compact_members', 'payers', 'payer_rules', 'daily_caps', 'slot_days']
  LOOP
    PERFORM pg_temp.wall_person(relation, 'SELECT', 'true');
    PERFORM pg_temp.wall_purposes(relation, 'SELECT',
      '{placing,relations,visit,notifications,waitlist,calendar,sign-in,feed,outbox,sweep}');
  END LOOP;
  FOREACH relation IN ARRAY ARRAY['visit_types', 'holidays', 'licenses', 'compact_members', 'payers', 'payer_rules',
    'daily_caps']
  LOOP
    PERFORM pg_temp.wall_person(relation, 'INSERT', admin);
    PERFORM pg_temp.wall_person(relation, 'UPDATE', admin);
    PERFORM pg_temp.wall_person(relation, 'DELETE', admin);
  END LOOP;
  PERFORM pg_temp.wall_person('organizations', 'UPDATE', admin);
  FOREACH relation IN ARRAY ARRAY['availability_rules', 'time_off', 'slot_days', 'providers']
  LOOP
    own_provider := format('%s = %s OR %s',
      CASE relation WHEN 'providers' THEN 'person_id' ELSE 'provider_id' END, provider, desk);
    PERFORM pg_temp.wall_person(relation, 'UPDATE', own_provider);
    CONTINUE WHEN relation = 'providers';
    PERFORM pg_temp.wall_person(relation, 'INSERT', own_provider);
    PERFORM pg_temp.wall_person(relation, 'DELETE', own_provider);
  END LOOP;
  PERFORM pg_temp.wall_purposes('slot_days', 'INSERT', '{calendar}');
  PERFORM pg_temp.wall_purposes('slot_days', 'UPDATE', '{calendar}');
  PERFORM pg_temp.wall_purposes('slot_days', 'DELETE', '{calendar}');

  -- People.
  PERFORM pg_temp.wall_person('people', 'SELECT',
    format('CASE WHEN is_listed OR id = %s OR %s OR (SELECT scope_has(''compliance'')) THEN true ELSE knows_person(id) END', self, desk));
  PERFORM pg_temp.wall_purposes('people', 'SELECT',
    '{sign-in,feed,placing,notifications,waitlist,calendar,relations}');
  CREATE POLICY visit_select ON people FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND is_in_scope_visit(id));
  -- Locks, and a provider's time zone.
  PERFORM pg_temp.wall_person('people', 'UPDATE', format('id = %s OR %s', self, desk));
  PERFORM pg_temp.wall_purposes('people', 'UPDATE', '{placing,calendar}');
  PERFORM pg_temp.wall_person('patients', 'SELECT',
    format('CASE WHEN person_id = %s OR %s THEN true ELSE knows_person(person_id) END', self, desk));
  PERFORM pg_temp.wall_purposes('patients', 'SELECT', '{placing,waitlist,relations}');
  PERFORM pg_temp.wall_person('contact_points', 'SELECT', 'person_id = ' || self);
  PERFORM pg_temp.wall_purposes('contact_points', 'SELECT', '{notifications}');
  PERFORM pg_temp.wall_person('account_roles', 'SELECT', format('person_id = %s OR %s', self, overseer));
  PERFORM pg_temp.wall_purposes('account_roles', 'SELECT', '{sign-in,feed,relations}');
  CREATE POLICY visit_select ON account_roles FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND is_in_scope_visit(person_id));
  PERFORM pg_temp.wall_purposes('identities', 'SELECT', '{sign-in}');

  -- Relationships: whoever they are about, and the desk, which keeps them.
  PERFORM pg_temp.wall_person('patient_proxies', 'SELECT',
    format('proxy_id = %s OR patient_id = %1$s OR %s OR (SELECT scope_has(''compliance''))', me, desk));
  PERFORM pg_temp.wall_person('patient_proxies', 'INSERT', format('made_by = %s AND %s', self, desk));
  PERFORM pg_temp.wall_person('patient_proxies', 'UPDATE', format('patient_id = %s OR %s', patient, desk),
    format('ended_at IS NOT NULL AND (patient_id = %s OR %s)', patient, desk));
  PERFORM pg_temp.wall_person('care_team_members', 'SELECT',
    format('member_id = %s OR patient_id = %1$s OR %s OR (SELECT scope_has(''compliance'')) OR covers_provider(member_id)', me, desk));
  PERFORM pg_temp.wall_person('care_team_members', 'INSERT', format('made_by = %s AND %s', self, desk));
  PERFORM pg_temp.wall_person('care_team_members', 'UPDATE', desk, 'ended_at IS NOT NULL AND ' || desk);
  PERFORM pg_temp.wall_person('provider_covers', 'SELECT',
    format('provider_id = %s OR covering_id = %1$s OR %s OR (SELECT scope_has(''compliance''))', me, desk));
  PERFORM pg_temp.wall_person('provider_covers', 'INSERT',
    format('made_by = %s AND (%s OR provider_id = %s)', self, desk, provider));
  PERFORM pg_temp.wall_person('provider_covers', 'UPDATE', format('provider_id = %s OR %s', provider, desk),
    format('ended_at IS NOT NULL AND (provider_id = %s OR %s)', provider, desk));
  PERFORM pg_temp.wall_person('emergency_accesses', 'SELECT',
    format('person_id = %s OR (SELECT scope_has(''compliance''))', provider));
  PERFORM pg_temp.wall_person('emergency_accesses', 'INSERT',
    'person_id = ' || provider);
  PERFORM pg_temp.wall_person('emergency_accesses', 'UPDATE', 'person_id = ' || provider,
    'ended_at IS NOT NULL AND person_id = ' || provider);
  FOREACH relation IN ARRAY ARRAY['patient_proxies', 'care_team_members', 'provider_covers', 'emergency_accesses']
  LOOP
    PERFORM pg_temp.wall_purposes(relation, 'SELECT', '{relations}');
  END LOOP;

  -- Visits. A session with seats is everybody's to find; who sits in it is not.
  PERFORM pg_temp.wall_person('appointments', 'SELECT', format('CASE WHEN provider_id = %s OR patient_id = %s OR patient_id IS NULL
    OR %s THEN true ELSE EXISTS (SELECT FROM encounters WHERE encounters.appointment_id = appointments.id) END', provider, me, desk));
  PERFORM pg_temp.wall_person('appointments', 'INSERT', schedules);
  PERFORM pg_temp.wall_person('appointments', 'UPDATE', 'may_change_appointment(id)',
    format('may_change_appointment(id) AND (status IN (''booked'', ''cancelled'', ''rescheduled'') OR (%s AND status = ''no-show'')
      OR provider_id = %s OR covers_provider(provider_id))', desk, provider));
  PERFORM pg_temp.wall_purposes('appointments', 'SELECT', '{placing,relations,notifications,waitlist}');
  CREATE POLICY visit_select ON appointments FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND id = (SELECT scope_appointment()));
  CREATE POLICY visit_update ON appointments FOR UPDATE TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND id = (SELECT scope_appointment()));

  PERFORM pg_temp.wall_person('encounters', 'SELECT', format(
    'CASE WHEN provider_id = %s OR patient_id = %s OR patient_id IS NULL OR %s THEN true
    ELSE is_listed_in(id) OR reaches_visit(id) OR may_change_visit(id) END', provider, me, desk));
  PERFORM pg_temp.wall_person('encounters', 'INSERT', schedules);
  -- Taking a seat locks the session, and whoever acts in a visit the visit.
  PERFORM pg_temp.wall_person('encounters', 'UPDATE', 'patient_id IS NULL OR may_change_visit(id) OR is_listed_in(id)',
    'hosts_visit(id) OR (status IN (''planned'', ''cancelled'') AND may_change_visit(id))');
  PERFORM pg_temp.wall_purposes('encounters', 'SELECT', '{placing,relations,notifications,waitlist,sweep}');
  CREATE POLICY visit_select ON encounters FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND id = (SELECT scope_encounter()));
  CREATE POLICY visit_update ON encounters FOR UPDATE TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND id = (SELECT scope_encounter()));

  PERFORM pg_temp.wall_person('presences', 'SELECT',
    format('CASE WHEN person_id = %s OR %s THEN true
      ELSE reaches_visit(encounter_id) OR may_change_visit(encounter_id) OR (role <> ''patient''
        AND EXISTS (SELECT FROM encounters WHERE encounters.id = encounter_id AND encounters.patient_id IS NULL)) END', me, desk));
  PERFORM pg_temp.wall_person('presences', 'INSERT', format(
    'CASE WHEN role = ''patient'' AND person_id = %s THEN true
    ELSE may_change_visit(encounter_id) OR (role = ''patient'' AND reaches_patient(person_id, ''schedule'')) END', me));
  -- Who leads a visit lets people in; others can only take somebody out who was not let in.
  PERFORM pg_temp.wall_person('presences', 'UPDATE', format('hosts_visit(encounter_id)
    OR (admitted_at IS NULL OR participation = ''declined'') AND (may_change_visit(encounter_id) OR person_id = %s
      OR reaches_patient(person_id, ''schedule''))', me),
    format('hosts_visit(encounter_id) OR admitted_at IS NULL AND presence <> ''admitted''
      AND (may_change_visit(encounter_id) OR person_id = %s OR reaches_patient(person_id, ''schedule''))', me));
  PERFORM pg_temp.wall_purposes('presences', 'SELECT', '{placing,relations,notifications,waitlist,sweep}');
  CREATE POLICY visit_select ON presences FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND encounter_id = (SELECT scope_encounter()));
  CREATE POLICY visit_update ON presences FOR UPDATE TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND encounter_id = (SELECT scope_encounter()));

  PERFORM pg_temp.wall_person('messages', 'SELECT', 'reaches_visit(encounter_id)');
  CREATE POLICY visit_all ON messages TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND encounter_id = (SELECT scope_encounter()));

  PERFORM pg_temp.wall_person('grants', 'SELECT', format('person_id = %s OR may_change_visit(encounter_id)', me));
  PERFORM pg_temp.wall_person('grants', 'INSERT', format('person_id = %s AND reaches_visit(encounter_id)', me));
  PERFORM pg_temp.wall_person('grants', 'UPDATE', format('person_id = %s OR hosts_visit(encounter_id)', me));
  CREATE POLICY visit_all ON grants TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND encounter_id = (SELECT scope_encounter()));
  PERFORM pg_temp.wall_purposes('grants', 'SELECT', '{relations}');

  PERFORM pg_temp.wall_person('appointment_series', 'SELECT', format('made_by = %s OR %s', provider, desk));
  PERFORM pg_temp.wall_person('appointment_series', 'INSERT',
    'made_by = (SELECT scope_as(''provider'', ''front-desk'', ''admin''))');
  PERFORM pg_temp.wall_purposes('appointment_series', 'ALL', '{set-up}');

  -- Free and busy times are the organization's; they carry ids, and no name.
  PERFORM pg_temp.wall_person('calendar_claims', 'SELECT', 'true');
  PERFORM pg_temp.wall_person('calendar_claims', 'INSERT', 'CASE WHEN appointment_id IS NULL
    THEN EXISTS (SELECT FROM holds WHERE holds.id = hold_id) ELSE may_change_appointment(appointment_id) END
    OR (appointment_id IS NOT NULL AND may_take_seat(appointment_id, person_id))');
  PERFORM pg_temp.wall_person('calendar_claims', 'UPDATE', 'CASE WHEN appointment_id IS NULL
    THEN EXISTS (SELECT FROM holds WHERE holds.id = hold_id) ELSE may_change_appointment(appointment_id) END
    OR (appointment_id IS NOT NULL AND may_take_seat(appointment_id, person_id))');
  PERFORM pg_temp.wall_person('calendar_claims', 'DELETE', 'CASE WHEN appointment_id IS NULL
    THEN EXISTS (SELECT FROM holds WHERE holds.id = hold_id) ELSE may_change_appointment(appointment_id) END
    OR (appointment_id IS NOT NULL AND may_take_seat(appointment_id, person_id))');
  PERFORM pg_temp.wall_purposes('calendar_claims', 'SELECT', '{placing,relations,waitlist,sweep}');
  PERFORM pg_temp.wall_purposes('calendar_claims', 'INSERT', '{waitlist}');
  PERFORM pg_temp.wall_purposes('calendar_claims', 'UPDATE', '{waitlist,sweep}');
  PERFORM pg_temp.wall_purposes('calendar_claims', 'DELETE', '{placing,waitlist,sweep}');
  CREATE POLICY visit_select ON calendar_claims FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND appointment_id = (SELECT scope_appointment()));
  CREATE POLICY visit_delete ON calendar_claims FOR DELETE TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND appointment_id = (SELECT scope_appointment()));

  PERFORM pg_temp.wall_person('holds', 'SELECT',
    format('made_by = %s OR patient_id = %s OR %s OR reaches_patient(patient_id, ''schedule'')', booker, patient, desk));
  PERFORM pg_temp.wall_person('holds', 'INSERT',
    format('made_by = %s AND may_schedule(patient_id, NULL)', self));
  PERFORM pg_temp.wall_person('holds', 'UPDATE',
    format('made_by = %s OR patient_id = %s OR %s OR reaches_patient(patient_id, ''schedule'')', booker, patient, desk));
  PERFORM pg_temp.wall_person('holds', 'DELETE',
    format('made_by = %s OR patient_id = %s OR %s OR reaches_patient(patient_id, ''schedule'')', booker, patient, desk));
  PERFORM pg_temp.wall_purposes('holds', 'SELECT', '{placing,waitlist,sweep}');
  PERFORM pg_temp.wall_purposes('holds', 'INSERT', '{waitlist}');
  PERFORM pg_temp.wall_purposes('holds', 'UPDATE', '{waitlist,sweep}');
  PERFORM pg_temp.wall_purposes('holds', 'DELETE', '{waitlist,sweep}');

  PERFORM pg_temp.wall_person('waitlist_entries', 'SELECT',
    format('patient_id = %s OR %s OR reaches_patient(patient_id, ''schedule'')', patient, desk));
  PERFORM pg_temp.wall_person('waitlist_entries', 'INSERT',
    format('made_by = %s AND may_schedule(patient_id, NULL)', self));
  PERFORM pg_temp.wall_person('waitlist_entries', 'UPDATE',
    format('%s OR may_schedule(patient_id, NULL)', desk));
  PERFORM pg_temp.wall_purposes('waitlist_entries', 'SELECT', '{waitlist,notifications}');
  PERFORM pg_temp.wall_purposes('waitlist_entries', 'UPDATE', '{waitlist}');
  PERFORM pg_temp.wall_person('waitlist_offers', 'SELECT',
    'EXISTS (SELECT FROM waitlist_entries WHERE waitlist_entries.id = entry_id)');
  PERFORM pg_temp.wall_person('waitlist_offers', 'UPDATE',
    'EXISTS (SELECT FROM waitlist_entries WHERE waitlist_entries.id = entry_id)');
  PERFORM pg_temp.wall_purposes('waitlist_offers', 'SELECT', '{waitlist,notifications}');
  PERFORM pg_temp.wall_purposes('waitlist_offers', 'INSERT', '{waitlist}');
  PERFORM pg_temp.wall_purposes('waitlist_offers', 'UPDATE', '{waitlist}');

  -- What others are told, and by which messages.
  PERFORM pg_temp.wall_person('outbox_events', 'INSERT', 'true');
  PERFORM pg_temp.wall_purposes('outbox_events', 'INSERT', '{set-up,waitlist,visit}');
  PERFORM pg_temp.wall_purposes('outbox_events', 'SELECT', '{outbox,metrics}');
  PERFORM pg_temp.wall_purposes('outbox_events', 'UPDATE', '{outbox}');
  PERFORM pg_temp.wall_purposes('outbox_events', 'DELETE', '{outbox}');
  PERFORM pg_temp.wall_purposes('notifications', 'SELECT', '{notifications}');
  PERFORM pg_temp.wall_purposes('notifications', 'INSERT', '{notifications}');
  PERFORM pg_temp.wall_purposes('notifications', 'UPDATE', '{notifications}');

  -- One's own.
  PERFORM pg_temp.wall_person('calendar_feeds', 'ALL', 'person_id = ' || me);
  PERFORM pg_temp.wall_purposes('calendar_feeds', 'SELECT', '{feed}');
  PERFORM pg_temp.wall_purposes('calendar_feeds', 'UPDATE', '{feed}');
  PERFORM pg_temp.wall_person('idempotency_keys', 'ALL', 'person_id = ' || self);
  PERFORM pg_temp.wall_purposes('idempotency_keys', 'SELECT', '{sweep}');
  PERFORM pg_temp.wall_purposes('idempotency_keys', 'DELETE', '{sweep}');
  PERFORM pg_temp.wall_person('sessions', 'SELECT', 'person_id = ' || self);
  PERFORM pg_temp.wall_person('sessions', 'UPDATE', 'person_id = ' || self);
  PERFORM pg_temp.wall_purposes('sessions', 'ALL', '{sign-in}');
  PERFORM pg_temp.wall_purposes('sessions', 'SELECT', '{sweep}');
  PERFORM pg_temp.wall_purposes('sessions', 'DELETE', '{sweep}');
  -- Whoever is in a visit is not idle.
  CREATE POLICY visit_select ON sessions FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND is_in_scope_visit(person_id));
  CREATE POLICY visit_update ON sessions FOR UPDATE TO bedside_app
    USING ((SELECT scope_purpose()) = 'visit' AND is_in_scope_visit(person_id));
  PERFORM pg_temp.wall_purposes('sign_in_attempts', 'ALL', '{sign-in}');
  PERFORM pg_temp.wall_purposes('sign_in_attempts', 'SELECT', '{sweep}');
  PERFORM pg_temp.wall_purposes('sign_in_attempts', 'DELETE', '{sweep}');

  -- The trail: everybody appends what they did themselves, and nobody changes it.
  PERFORM pg_temp.wall_person('audit_events', 'INSERT', 'person_id = ' || self);
  PERFORM pg_temp.wall_person('audit_events', 'SELECT', format('patient_id = %s OR %s', patient, overseer));
  CREATE POLICY system_insert ON audit_events FOR INSERT TO bedside_app WITH CHECK (
    (SELECT scope_purpose()) <> 'person' AND
    ((SELECT scope_organization()) IS NULL OR organization_id = (SELECT scope_organization())));
  PERFORM pg_temp.wall_purposes('audit_events', 'SELECT', '{audit}');
  CREATE POLICY person_select ON audit_seals FOR SELECT TO bedside_app USING ((SELECT scope_has('compliance', 'admin')));
  PERFORM pg_temp.wall_purposes('audit_seals', 'SELECT', '{audit}');
  PERFORM pg_temp.wall_purposes('audit_seals', 'INSERT', '{audit}');
  PERFORM pg_temp.wall_purposes('audit_heads', 'SELECT', '{audit}');
  PERFORM pg_temp.wall_purposes('audit_heads', 'INSERT', '{audit}');
  PERFORM pg_temp.wall_purposes('audit_sealer', 'ALL', '{audit}');
  PERFORM pg_temp.wall_purposes('audit_publications', 'ALL', '{audit}');
END
$$;

-- Rights by table, beneath the policies. Nothing is dropped, truncated or disabled by the application, and nothing of the
-- trail changed. A later migration grants its own tables.
GRANT USAGE ON SCHEMA public TO bedside_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON identities, account_roles, contact_points, availability_rules, time_off,
  holidays, licenses, compact_members, payers, payer_rules, daily_caps, slot_days, calendar_claims, holds, outbox_events,
  idempotency_keys, sessions, sign_in_attempts TO bedside_app;
GRANT SELECT, INSERT, UPDATE ON organizations, people, patients, providers, visit_types, appointments, encounters,
  presences, appointment_series, waitlist_entries, waitlist_offers, notifications, calendar_feeds, patient_proxies, care_team_members, provider_covers, emergency_accesses, grants,
  audit_sealer, audit_publications TO bedside_app;
GRANT SELECT, INSERT ON messages, audit_heads, audit_seals TO bedside_app;
GRANT SELECT ON audit_events TO bedside_app;
GRANT INSERT (at, organization_id, person_id, role, action, resource_type, resource_id, patient_id, encounter_id,
  outcome, reason, address, request_id) ON audit_events TO bedside_app;
