-- The wall of 0008 around what 0006 made (ADR 0020, 0022). Wrapped data keys open nothing without a KEK, so whoever works
-- in an organization may have them there; only the purpose `phi` changes them, and moves what was written in the clear.

ALTER FUNCTION active_kek() SET bedside.purpose = 'phi';
ALTER FUNCTION register_first_kek(text, timestamptz) SET bedside.purpose = 'phi';

CREATE POLICY system_all ON key_encryption_keys TO bedside_app
  USING ((SELECT scope_purpose()) = 'phi') WITH CHECK ((SELECT scope_purpose()) = 'phi');

CREATE POLICY person_select ON data_keys FOR SELECT TO bedside_app
  USING (organization_id = (SELECT scope_organization()) AND (SELECT scope_person()) IS NOT NULL);
CREATE POLICY person_insert ON data_keys FOR INSERT TO bedside_app
  WITH CHECK (organization_id = (SELECT scope_organization()) AND (SELECT scope_person()) IS NOT NULL AND wrapped IS NOT NULL);
CREATE POLICY person_select ON blind_index_keys FOR SELECT TO bedside_app
  USING (organization_id = (SELECT scope_organization()) AND (SELECT scope_has('front-desk', 'admin')));
CREATE POLICY person_insert ON blind_index_keys FOR INSERT TO bedside_app
  WITH CHECK (organization_id = (SELECT scope_organization()) AND (SELECT scope_has('front-desk', 'admin')));
CREATE POLICY person_all ON patient_identifiers TO bedside_app
  USING (organization_id = (SELECT scope_organization()) AND (SELECT scope_has('front-desk', 'admin')))
  WITH CHECK (organization_id = (SELECT scope_organization()) AND (SELECT scope_has('front-desk', 'admin')));

DO $$
DECLARE
  within constant text := ' AND ((SELECT scope_organization()) IS NULL OR organization_id = (SELECT scope_organization()))';
  relation text;
BEGIN
  -- What is done for people seals and opens for them. A grant's holder acts as the purpose `visit`, whose organization the
  -- visit tells.
  EXECUTE 'CREATE POLICY system_select ON data_keys FOR SELECT TO bedside_app
    USING ((SELECT scope_purpose()) IN (''phi'', ''set-up'', ''visit'', ''notifications'', ''booking'', ''review'')' || within || ')';
  EXECUTE 'CREATE POLICY system_insert ON data_keys FOR INSERT TO bedside_app
    WITH CHECK ((SELECT scope_purpose()) IN (''phi'', ''set-up'', ''visit'', ''notifications'', ''booking'')' || within || ')';
  EXECUTE 'CREATE POLICY system_update ON data_keys FOR UPDATE TO bedside_app
    USING ((SELECT scope_purpose()) = ''phi''' || within || ')';
  FOREACH relation IN ARRAY ARRAY['blind_index_keys', 'patient_identifiers'] LOOP
    EXECUTE format('CREATE POLICY system_all ON %I TO bedside_app USING ((SELECT scope_purpose()) = ''phi''' || within || ')',
      relation);
  END LOOP;
  FOREACH relation IN ARRAY ARRAY['patients', 'encounters', 'messages', 'appointments', 'presences', 'contact_points',
    'correction_requests', 'emergency_accesses', 'record_exports'] LOOP
    EXECUTE format('CREATE POLICY phi_select ON %I FOR SELECT TO bedside_app
      USING ((SELECT scope_purpose()) = ''phi''' || within || ')', relation);
  END LOOP;
  FOREACH relation IN ARRAY ARRAY['messages', 'appointments', 'presences', 'contact_points'] LOOP
    EXECUTE format('CREATE POLICY phi_update ON %I FOR UPDATE TO bedside_app
      USING ((SELECT scope_purpose()) = ''phi''' || within || ')', relation);
  END LOOP;
  EXECUTE 'CREATE POLICY phi_delete ON contact_points FOR DELETE TO bedside_app
    USING ((SELECT scope_purpose()) = ''phi''' || within || ')';
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON key_encryption_keys TO bedside_app;
GRANT SELECT, INSERT, UPDATE ON data_keys, blind_index_keys TO bedside_app;
GRANT SELECT, INSERT, DELETE ON patient_identifiers TO bedside_app;
GRANT UPDATE (text, sealed_text) ON messages TO bedside_app;
