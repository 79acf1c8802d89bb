-- Who asks is told by the role of the transaction, not by policies that exclude each other (ADR 0020): the policies of all
-- roles of a table become part of every statement's plan, and starting them was three quarters of what a small statement
-- cost. People are bedside_person, what nobody asked for stays bedside_app. What looks further than whoever asks does so as
-- bedside_functions, which owns those functions and nothing else, and which nobody can become.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['bedside_person', 'bedside_functions'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', name);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    -- Roles are the cluster's: another database may have made this one, and granted it.
    IF NOT pg_has_role(name, 'MEMBER') THEN EXECUTE format('GRANT %I TO CURRENT_USER', name); END IF;
  END LOOP;
  IF NOT pg_has_role('bedside_app', 'bedside_person', 'MEMBER') THEN
    -- It may become that role and is not that role until it does: else the policies of both would hold.
    EXECUTE 'GRANT bedside_person TO bedside_app'
      || CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN ' WITH INHERIT FALSE' ELSE '' END;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'The roles bedside_person and bedside_functions are not there, or not granted to %: as a superuser, run the statements of docs/runbooks/database-roles.md.', CURRENT_USER;
END
$$;
GRANT USAGE ON SCHEMA public TO bedside_person, bedside_functions;

-- Whether somebody sees a visit of which they are none of the two main people.
CREATE FUNCTION sees_visit_of(appointment uuid) RETURNS boolean LANGUAGE plpgsql STABLE SET bedside.purpose = 'relations' AS $$
DECLARE
  visit uuid;
BEGIN
  SELECT encounters.id INTO visit FROM encounters WHERE encounters.appointment_id = appointment;
  RETURN FOUND AND (is_listed_in(visit) OR reaches_visit(visit) OR may_change_visit(visit));
END
$$;
CREATE FUNCTION is_session(visit uuid) RETURNS boolean LANGUAGE plpgsql STABLE SET bedside.purpose = 'relations' AS $$
BEGIN
  RETURN EXISTS (SELECT FROM encounters WHERE encounters.id = visit AND encounters.patient_id IS NULL);
END
$$;
-- Whether a time that is held may be changed: by who holds it, and by whom it is held for.
CREATE FUNCTION may_change_hold(hold uuid) RETURNS boolean LANGUAGE plpgsql STABLE SET bedside.purpose = 'relations' AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM holds WHERE holds.id = hold
      AND (holds.made_by = scope_as('patient', 'front-desk', 'admin') OR holds.patient_id = scope_as('patient')
        OR scope_has('front-desk', 'admin') OR reaches_patient(holds.patient_id, 'schedule')));
END
$$;
CREATE FUNCTION may_change_claim(hold uuid, appointment uuid, person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET bedside.purpose = 'relations' AS $$
BEGIN
  IF appointment IS NULL THEN RETURN may_change_hold(hold); END IF;
  RETURN may_change_appointment(appointment) OR may_take_seat(appointment, person);
END
$$;

-- The functions that look further. Each is its own text and nothing that is handed to it.
GRANT CREATE ON SCHEMA public TO bedside_functions;
DO $$
DECLARE
  looks record;
BEGIN
  FOR looks IN
    SELECT oid::regprocedure::text AS signature, 'enable_seqscan=off' = ANY (proconfig) AS by_index,
      'bedside.purpose=phi' = ANY (proconfig) AS for_keys
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
      AND (oid = 'place_visits(timestamptz, jsonb)'::regprocedure
        OR EXISTS (SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'bedside.purpose=%'))
  LOOP
    -- Plans are kept by the connection's own setting.
    EXECUTE format('ALTER FUNCTION %s RESET ALL', looks.signature);
    EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', looks.signature);
    IF looks.for_keys THEN EXECUTE format('ALTER FUNCTION %s SET bedside.purpose = ''phi''', looks.signature); END IF;
    IF looks.by_index THEN EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', looks.signature); END IF;
    -- Some tens of microseconds each. Told nothing, the planner reads small tables whole and asks for every row.
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER COST 4000', looks.signature);
    EXECUTE format('ALTER FUNCTION %s OWNER TO bedside_functions', looks.signature);
  END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA public FROM bedside_functions;
-- It books for several people and holds each against their own row; nobody's request calls it.
REVOKE EXECUTE ON FUNCTION place_visits(timestamptz, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION place_visits(timestamptz, jsonb) TO bedside_app;

GRANT SELECT ON organizations, people, account_roles, patients, providers, visit_types, slot_days, licenses,
  compact_members, payers, payer_rules, daily_caps, appointments, encounters, presences, calendar_claims, holds,
  idempotency_keys, patient_proxies, care_team_members, provider_covers, emergency_accesses, waitlist_entries,
  key_encryption_keys TO bedside_functions;
GRANT INSERT ON appointments, encounters, presences, calendar_claims, idempotency_keys, outbox_events,
  key_encryption_keys TO bedside_functions;
GRANT INSERT (at, organization_id, person_id, role, action, resource_type, resource_id, patient_id, encounter_id,
  outcome, reason, address, request_id) ON audit_events TO bedside_functions;
GRANT DELETE ON calendar_claims TO bedside_functions;
GRANT UPDATE ON idempotency_keys TO bedside_functions;
-- A lock asks for the right to change something.
GRANT UPDATE (is_active) ON people, key_encryption_keys TO bedside_functions;

DO $$
DECLARE
  relation text;
  policy record;
  purposes text[];
  kept text[];
  -- Only in a scope, and in its organization where it names one. By calls: a lookup of a row or two starts no subplans.
  condition text;
BEGIN
  FOR relation IN
    SELECT DISTINCT table_name FROM information_schema.column_privileges
    WHERE table_schema = 'public' AND grantee = 'bedside_functions'
  LOOP
    condition := CASE relation
      -- The keys are nobody's; the two functions that are about them take on their purpose.
      WHEN 'key_encryption_keys' THEN 'scope_purpose() = ''phi'''
      WHEN 'organizations' THEN 'scope_purpose() IS NOT NULL AND coalesce(scope_organization(), id) = id'
      ELSE 'scope_purpose() IS NOT NULL AND coalesce(scope_organization(), organization_id) = organization_id' END;
    EXECUTE format('CREATE POLICY functions_all ON %I TO bedside_functions USING (%s) WITH CHECK (%2$s)', relation, condition);
  END LOOP;

  FOR policy IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND policyname LIKE 'booking\_%' LOOP
    EXECUTE format('DROP POLICY %I ON %I', policy.policyname, policy.tablename);
  END LOOP;
  -- Purposes that functions took on are roles now.
  FOR policy IN
    SELECT tablename, policyname, qual, with_check,
      (regexp_match(coalesce(qual, with_check), '''(\{[a-z,-]+\})''::text\[\]'))[1] AS named
    FROM pg_policies
    WHERE schemaname = 'public' AND policyname LIKE 'system\_%' AND coalesce(qual, with_check) ~ '\{[a-z,-]*(placing|relations)'
  LOOP
    purposes := policy.named;
    kept := array_remove(array_remove(purposes, 'placing'), 'relations');
    IF kept = '{}' THEN
      EXECUTE format('DROP POLICY %I ON %I', policy.policyname, policy.tablename);
    ELSE
      EXECUTE format('ALTER POLICY %I ON %I', policy.policyname, policy.tablename)
        || coalesce(' USING (' || replace(policy.qual, quote_literal(purposes), quote_literal(kept)) || ')', '')
        || coalesce(' WITH CHECK (' || replace(policy.with_check, quote_literal(purposes), quote_literal(kept)) || ')', '');
    END IF;
  END LOOP;
END
$$;

-- People: what their policies are about, and nothing else.
DO $$
DECLARE
  policy record;
  commands text[];
BEGIN
  FOR policy IN
    SELECT tablename, policyname, cmd FROM pg_policies
    WHERE schemaname = 'public' AND policyname ~ '^(person|identity|own)_' AND roles = '{bedside_app}'
  LOOP
    EXECUTE format('ALTER POLICY %I ON %I TO bedside_person', policy.policyname, policy.tablename);
    commands := CASE policy.cmd WHEN 'ALL' THEN ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] ELSE ARRAY[policy.cmd] END;
    -- As bedside_app has it: of whole tables, or of columns.
    EXECUTE coalesce((
      SELECT string_agg(format('GRANT %s ON %I TO bedside_person', privilege_type, table_name), ';')
      FROM information_schema.role_table_grants
      WHERE table_schema = 'public' AND grantee = 'bedside_app' AND table_name = policy.tablename AND privilege_type = ANY (commands)
    ), 'SELECT');
    EXECUTE coalesce((
      SELECT string_agg(format('GRANT %s (%I) ON %I TO bedside_person', privilege_type, column_name, table_name), ';')
      FROM information_schema.role_column_grants
      WHERE table_schema = 'public' AND grantee = 'bedside_app' AND table_name = policy.tablename AND privilege_type = ANY (commands)
    ), 'SELECT');
  END LOOP;
END
$$;

-- Another table's policies within a policy are started with each statement; a function is where it is called.
ALTER POLICY person_select ON appointments USING (organization_id = (SELECT scope_organization())
  AND (SELECT scope_person()) IS NOT NULL AND CASE
    WHEN provider_id = (SELECT scope_as('provider')) OR patient_id = (SELECT scope_as('patient', 'provider'))
      OR patient_id IS NULL OR (SELECT scope_has('front-desk', 'admin')) THEN true
    ELSE sees_visit_of(id) END);
ALTER POLICY person_select ON presences USING (organization_id = (SELECT scope_organization())
  AND (SELECT scope_person()) IS NOT NULL AND CASE
    WHEN person_id = (SELECT scope_as('patient', 'provider')) OR (SELECT scope_has('front-desk', 'admin')) THEN true
    ELSE reaches_visit(encounter_id) OR may_change_visit(encounter_id)
      OR role <> 'patient' AND is_session(encounter_id) END);
DO $$
DECLARE
  condition constant text := 'organization_id = (SELECT scope_organization()) AND (SELECT scope_person()) IS NOT NULL
    AND may_change_claim(hold_id, appointment_id, person_id)';
BEGIN
  EXECUTE format('ALTER POLICY person_insert ON calendar_claims WITH CHECK (%s)', condition);
  EXECUTE format('ALTER POLICY person_update ON calendar_claims USING (%s) WITH CHECK (%1$s)', condition);
  EXECUTE format('ALTER POLICY person_delete ON calendar_claims USING (%s)', condition);
END
$$;
