-- An address is sealed (ADR 0022), and a sign-in that links by it has to find whose it is (ADR 0021): by a keyed hash. Rows
-- that were sealed before have none until their contacts are set up again, and link nobody.
ALTER TABLE contact_points ADD COLUMN lookup bytea CHECK (octet_length(lookup) = 32);
CREATE INDEX contact_points_lookup ON contact_points (organization_id, lookup) WHERE lookup IS NOT NULL;

CREATE POLICY lookup_select ON blind_index_keys FOR SELECT TO bedside_app
  USING ((SELECT scope_purpose()) IN ('sign-in', 'set-up')
    AND ((SELECT scope_organization()) IS NULL OR organization_id = (SELECT scope_organization())));
CREATE POLICY lookup_insert ON blind_index_keys FOR INSERT TO bedside_app
  WITH CHECK ((SELECT scope_purpose()) IN ('sign-in', 'set-up')
    AND ((SELECT scope_organization()) IS NULL OR organization_id = (SELECT scope_organization())));
