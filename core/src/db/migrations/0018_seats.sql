-- Whoever books for a patient takes and gives back that patient's seat in a session, and so does the desk (SPEC SCH8). May a
-- patient's proxy book and not read, they see of a session who works in it and whose seat is theirs to give back.
ALTER POLICY person_select ON presences USING (organization_id = (SELECT scope_organization())
  AND (SELECT scope_person()) IS NOT NULL AND CASE
    WHEN person_id = (SELECT scope_as('patient', 'provider')) OR (SELECT scope_has('front-desk', 'admin')) THEN true
    ELSE reaches_visit(encounter_id) OR may_change_visit(encounter_id)
      OR is_session(encounter_id) AND (role <> 'patient' OR reaches_patient(person_id, 'schedule')) END);

-- With the seat ends what lets its patient into the room, and nothing else becomes of that.
ALTER POLICY person_select ON grants USING (organization_id = (SELECT scope_organization())
  AND (SELECT scope_person()) IS NOT NULL AND CASE
    WHEN person_id = (SELECT scope_as('patient', 'provider')) THEN true
    ELSE may_change_visit(encounter_id) OR is_session(encounter_id) AND reaches_patient(person_id, 'schedule') END);
ALTER POLICY person_update ON grants
  USING (organization_id = (SELECT scope_organization()) AND (SELECT scope_person()) IS NOT NULL AND CASE
    WHEN person_id = (SELECT scope_as('patient', 'provider')) THEN true
    ELSE hosts_visit(encounter_id) OR is_session(encounter_id) AND may_schedule(person_id, NULL) END)
  WITH CHECK (organization_id = (SELECT scope_organization()) AND (SELECT scope_person()) IS NOT NULL AND CASE
    WHEN person_id = (SELECT scope_as('patient', 'provider')) THEN true
    ELSE hosts_visit(encounter_id)
      OR revoked_at IS NOT NULL AND is_session(encounter_id) AND may_schedule(person_id, NULL) END);
