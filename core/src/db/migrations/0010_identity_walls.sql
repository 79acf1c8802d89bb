-- Row-level security of what identity keeps (ADR 0021). A sign-in finds out who somebody is, so it reads and writes before
-- there is anybody in whose name it could; everything else is a person's own, or the administrator's.

CREATE FUNCTION pg_temp.for_sign_in(relation text, command text, condition text DEFAULT 'true') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  rule text := format('((SELECT scope_purpose()) = ''sign-in'' AND (%s))', condition);
BEGIN
  EXECUTE format('CREATE POLICY %I ON %I FOR %s TO bedside_app %s %s', 'sign_in_' || lower(command), relation, command,
    CASE WHEN command <> 'INSERT' THEN 'USING ' || rule END,
    CASE WHEN command IN ('INSERT', 'UPDATE', 'ALL') THEN 'WITH CHECK ' || rule ELSE '' END);
END
$$;
CREATE FUNCTION pg_temp.for_person(relation text, command text, condition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  rule text := format('((SELECT scope_purpose()) = ''person'' AND organization_id = (SELECT scope_organization())
    AND (SELECT scope_person()) IS NOT NULL AND (%s))', condition);
BEGIN
  EXECUTE format('CREATE POLICY %I ON %I FOR %s TO bedside_app %s %s', 'identity_' || lower(command), relation, command,
    CASE WHEN command <> 'INSERT' THEN 'USING ' || rule END,
    CASE WHEN command IN ('INSERT', 'UPDATE', 'ALL') THEN 'WITH CHECK ' || rule ELSE '' END);
END
$$;

DO $$
DECLARE
  me constant text := 'person_id = (SELECT scope_person())';
  admin constant text := '(SELECT scope_has(''admin''))';
BEGIN
  -- Linking, and roles that an issuer states. Those that were given here are out of its reach.
  PERFORM pg_temp.for_sign_in('contact_points', 'SELECT');
  PERFORM pg_temp.for_sign_in('patients', 'SELECT');
  PERFORM pg_temp.for_sign_in('identities', 'INSERT');
  PERFORM pg_temp.for_sign_in('account_roles', 'INSERT', 'stated_by IS NOT NULL AND role <> ''service''');
  PERFORM pg_temp.for_sign_in('account_roles', 'UPDATE', 'stated_by IS NOT NULL AND role <> ''service''');
  PERFORM pg_temp.for_sign_in('account_roles', 'DELETE', 'stated_by IS NOT NULL AND role <> ''service''');
  -- A session that ends takes its grants along.
  PERFORM pg_temp.for_sign_in('grants', 'SELECT');
  PERFORM pg_temp.for_sign_in('grants', 'UPDATE');
  PERFORM pg_temp.for_sign_in('encounters', 'SELECT');

  PERFORM pg_temp.for_sign_in('spent_tokens', 'ALL');
  PERFORM pg_temp.for_sign_in('service_clients', 'SELECT');
  PERFORM pg_temp.for_sign_in('service_tokens', 'ALL');
  PERFORM pg_temp.for_person('passkeys', 'ALL', me);
  PERFORM pg_temp.for_person('service_clients', 'SELECT', admin);
  PERFORM pg_temp.for_person('service_clients', 'INSERT', admin || ' AND created_by = (SELECT scope_person())');
  PERFORM pg_temp.for_person('service_clients', 'UPDATE', admin);
  PERFORM pg_temp.for_person('service_tokens', 'SELECT', admin);
  PERFORM pg_temp.for_person('service_tokens', 'DELETE', admin);
  -- A machine is an account that only a machine can be.
  PERFORM pg_temp.for_person('people', 'INSERT', admin || ' AND key LIKE ''service:%'' AND NOT is_listed');
  PERFORM pg_temp.for_person('account_roles', 'INSERT', admin || ' AND role = ''service'' AND stated_by IS NULL
    AND EXISTS (SELECT FROM people WHERE people.id = person_id AND people.key LIKE ''service:%'')');
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON passkeys, service_tokens, spent_tokens TO bedside_app;
GRANT SELECT, INSERT, UPDATE ON service_clients TO bedside_app;
