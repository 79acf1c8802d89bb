-- The walls around what 0007_rights made, and what an access review may look at.

-- Names are told of those who did something with a record: who works here, and who acts for the patient.
CREATE FUNCTION name_in_record(person uuid) RETURNS text LANGUAGE plpgsql STABLE SET bedside.purpose = 'relations' AS $$
BEGIN
  RETURN (
    SELECT display_name FROM people
    WHERE people.id = person AND people.organization_id = scope_organization() AND (
      EXISTS (SELECT FROM account_roles WHERE account_roles.person_id = person AND role <> 'patient')
      OR EXISTS (SELECT FROM patient_proxies WHERE patient_id = scope_person() AND proxy_id = person)
      OR person = scope_person()));
END
$$;

-- Whose record somebody looks after: as a proxy. Who treats a patient asks for nothing in their name.
CREATE FUNCTION acts_for(patient uuid) RETURNS boolean LANGUAGE plpgsql STABLE SET bedside.purpose = 'relations' AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM patient_proxies AS proxy
    WHERE proxy.proxy_id = scope_as('patient') AND proxy.patient_id = patient AND proxy.ended_at IS NULL
      AND 'read' = ANY (proxy.scopes) AND proxy.valid_from <= scope_at()
      AND (proxy.valid_to IS NULL OR proxy.valid_to > scope_at()));
END
$$;

-- People act in their own organization; the machine, for a purpose.
CREATE FUNCTION is_of_scope(organization uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT organization = (SELECT scope_organization()) AND (SELECT scope_person()) IS NOT NULL
$$;
CREATE FUNCTION is_overseer() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT scope_has('compliance', 'admin')
$$;

CREATE POLICY person_select ON business_associate_agreements FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id) AND (SELECT is_overseer()));
CREATE POLICY person_insert ON business_associate_agreements FOR INSERT TO bedside_app
  WITH CHECK (is_of_scope(organization_id) AND (SELECT is_overseer()) AND recorded_by = (SELECT scope_person()));
CREATE POLICY person_update ON business_associate_agreements FOR UPDATE TO bedside_app
  USING (is_of_scope(organization_id) AND (SELECT is_overseer()))
  WITH CHECK (is_of_scope(organization_id) AND ended_by = (SELECT scope_person()));
CREATE POLICY system_select ON business_associate_agreements FOR SELECT TO bedside_app
  USING ((SELECT scope_purpose()) = 'metrics'
    OR ((SELECT scope_purpose()) = 'notifications' AND organization_id = (SELECT scope_organization())));
CREATE POLICY metrics_select ON organizations FOR SELECT TO bedside_app USING ((SELECT scope_purpose()) = 'metrics');

-- What somebody asked for is theirs; nobody asks for a record that is neither their own nor theirs to keep.
CREATE POLICY person_select ON record_exports FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id) AND requested_by = (SELECT scope_person()));
CREATE POLICY person_insert ON record_exports FOR INSERT TO bedside_app
  WITH CHECK (is_of_scope(organization_id) AND requested_by = (SELECT scope_person())
    AND (patient_id = (SELECT scope_as('patient')) OR (SELECT scope_has('admin')) OR acts_for(patient_id)));
CREATE POLICY person_update ON record_exports FOR UPDATE TO bedside_app
  USING (is_of_scope(organization_id) AND requested_by = (SELECT scope_person()));
CREATE POLICY own_select ON patient_identifiers FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id) AND patient_id = (SELECT scope_person()));
CREATE POLICY own_select ON notifications FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id) AND person_id = (SELECT scope_person()));

CREATE POLICY person_select ON correction_requests FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id)
    AND (patient_id = (SELECT scope_as('patient')) OR (SELECT is_overseer()) OR acts_for(patient_id)));
CREATE POLICY person_insert ON correction_requests FOR INSERT TO bedside_app
  WITH CHECK (is_of_scope(organization_id) AND requested_by = (SELECT scope_person())
    AND (patient_id = (SELECT scope_as('patient')) OR acts_for(patient_id)));
-- Whoever answers does not answer to themselves.
CREATE POLICY person_update ON correction_requests FOR UPDATE TO bedside_app
  USING (is_of_scope(organization_id)
    AND (patient_id = (SELECT scope_as('patient')) OR (SELECT is_overseer()) OR acts_for(patient_id)))
  WITH CHECK (is_of_scope(organization_id) AND CASE
    WHEN status IN ('withdrawn', 'disagreed') THEN patient_id = (SELECT scope_as('patient')) OR acts_for(patient_id)
    ELSE (SELECT is_overseer()) AND patient_id <> (SELECT scope_person()) END);
CREATE POLICY system_select ON correction_requests FOR SELECT TO bedside_app
  USING ((SELECT scope_purpose()) = 'metrics');
CREATE POLICY person_select ON correction_events FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id) AND EXISTS (SELECT FROM correction_requests WHERE correction_requests.id = request_id));
CREATE POLICY person_insert ON correction_events FOR INSERT TO bedside_app
  WITH CHECK (is_of_scope(organization_id) AND person_id = (SELECT scope_person())
    AND EXISTS (SELECT FROM correction_requests WHERE correction_requests.id = request_id));

CREATE POLICY person_select ON access_reviews FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id) AND (SELECT is_overseer()));
CREATE POLICY person_select ON access_review_signatures FOR SELECT TO bedside_app
  USING (is_of_scope(organization_id) AND (SELECT is_overseer()));
CREATE POLICY person_insert ON access_review_signatures FOR INSERT TO bedside_app
  WITH CHECK (is_of_scope(organization_id) AND (SELECT is_overseer()) AND signed_by = (SELECT scope_person()));

-- A review looks at accounts, relationships and the trail of one organization, and at nothing clinical.
DO $$
DECLARE
  relation text;
BEGIN
  FOREACH relation IN ARRAY ARRAY['people', 'account_roles', 'presences', 'patient_proxies', 'care_team_members',
    'provider_covers', 'emergency_accesses', 'record_exports', 'service_clients', 'business_associate_agreements',
    'audit_events', 'access_reviews', 'access_review_signatures']
  LOOP
    EXECUTE format('CREATE POLICY review_select ON %I FOR SELECT TO bedside_app
      USING ((SELECT scope_purpose()) = ''review'' AND organization_id = (SELECT scope_organization()))', relation);
  END LOOP;
  FOREACH relation IN ARRAY ARRAY['access_reviews', 'access_review_signatures'] LOOP
    EXECUTE format('CREATE POLICY review_insert ON %I FOR INSERT TO bedside_app
      WITH CHECK ((SELECT scope_purpose()) = ''review'' AND organization_id = (SELECT scope_organization()))', relation);
  END LOOP;
END
$$;
CREATE POLICY review_select ON organizations FOR SELECT TO bedside_app USING ((SELECT scope_purpose()) = 'review');

-- Whoever opens time tells the line of it; who waits in it they do not learn.
CREATE FUNCTION somebody_waits(provider uuid, starts timestamptz, ends timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SET bedside.purpose = 'waitlist' AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM waitlist_entries AS entry
    WHERE entry.organization_id = (SELECT organization_id FROM providers WHERE person_id = provider)
      AND entry.status IN ('waiting', 'offered') AND (entry.provider_id IS NULL OR entry.provider_id = provider)
      AND entry.earliest_at < ends AND entry.latest_at > starts);
END
$$;
CREATE POLICY person_insert ON opened_times FOR INSERT TO bedside_app
  WITH CHECK (is_of_scope(organization_id)
    AND (provider_id = (SELECT scope_person()) OR (SELECT scope_has('front-desk', 'admin')) OR covers_provider(provider_id)));
CREATE POLICY system_insert ON opened_times FOR INSERT TO bedside_app
  WITH CHECK ((SELECT scope_purpose()) IN ('set-up', 'calendar'));
CREATE POLICY system_all ON opened_times FOR ALL TO bedside_app
  USING ((SELECT scope_purpose()) = 'waitlist') WITH CHECK ((SELECT scope_purpose()) = 'waitlist');

GRANT SELECT, INSERT, DELETE ON opened_times TO bedside_app;
GRANT SELECT, INSERT ON access_reviews, access_review_signatures, correction_events TO bedside_app;
GRANT SELECT, INSERT, UPDATE ON business_associate_agreements, record_exports, correction_requests TO bedside_app;
GRANT SELECT ON service_clients TO bedside_app;
