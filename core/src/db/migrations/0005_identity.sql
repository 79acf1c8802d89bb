-- Compliance reads the trail, a service is a machine.
ALTER TABLE account_roles DROP CONSTRAINT account_roles_role_check;
ALTER TABLE account_roles ADD CONSTRAINT account_roles_role_check
  CHECK (role IN ('patient', 'provider', 'front-desk', 'admin', 'compliance', 'service'));
-- The issuer that states the role and may take it away; NULL: the organization gave it here.
ALTER TABLE account_roles ADD COLUMN stated_by text CHECK (length(stated_by) BETWEEN 1 AND 500);
ALTER TABLE account_roles ADD CONSTRAINT account_roles_service_is_given CHECK (role <> 'service' OR stated_by IS NULL);

-- An attempt is bound to the issuer it was begun at, so that no other can end it (RFC 9700 section 4.4). Those under way
-- while this runs are begun again.
DELETE FROM sign_in_attempts;
ALTER TABLE sign_in_attempts
  ADD COLUMN issuer_id text NOT NULL CHECK (length(issuer_id) BETWEEN 1 AND 40),
  ADD COLUMN created_at timestamptz(3) NOT NULL,
  -- Of a step-up: the session that is to be stronger afterwards.
  ADD COLUMN session_hash text CHECK (length(session_hash) = 43);

ALTER TABLE sessions
  -- What a person is shown of it; it opens nothing.
  ADD COLUMN id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  -- In what capacity somebody came in: through an issuer for patients nobody acts as staff.
  ADD COLUMN capacity text NOT NULL DEFAULT 'any' CHECK (capacity IN ('any', 'staff', 'patient')),
  ADD COLUMN issuer text CHECK (length(issuer) BETWEEN 1 AND 500),
  ADD COLUMN subject text CHECK (length(subject) BETWEEN 1 AND 255),
  -- The issuer's own session (`sid`), which it can end.
  ADD COLUMN issuer_session text CHECK (length(issuer_session) BETWEEN 1 AND 500),
  -- When the person last proved at the issuer that it is they (`auth_time`), and how strongly (`acr`).
  ADD COLUMN authenticated_at timestamptz(3),
  ADD COLUMN acr text CHECK (length(acr) BETWEEN 1 AND 500),
  -- When they last did so with a passkey.
  ADD COLUMN passkey_at timestamptz(3),
  -- The challenge of a passkey ceremony under way: one a session, taken once.
  ADD COLUMN challenge text CHECK (length(challenge) BETWEEN 16 AND 200),
  ADD COLUMN challenge_for text CHECK (challenge_for IN ('registration', 'assertion')),
  ADD COLUMN challenge_expires_at timestamptz(3),
  ADD CHECK ((challenge IS NULL) = (challenge_for IS NULL) AND (challenge IS NULL) = (challenge_expires_at IS NULL)),
  ADD CHECK ((issuer IS NULL) = (subject IS NULL));
CREATE INDEX sessions_person ON sessions (person_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_issuer ON sessions (issuer, issuer_session) WHERE ended_at IS NULL AND issuer IS NOT NULL;
CREATE INDEX sessions_of_subject ON sessions (issuer, subject) WHERE ended_at IS NULL AND issuer IS NOT NULL;

-- Ids of tokens that are good once (`jti`), kept until they would be refused for their age.
CREATE TABLE spent_tokens (
  -- Undefined where the issuer is of several organizations.
  organization_id uuid REFERENCES organizations (id),
  -- Whose id it is: `<use>:<issuer or client>`, and the id as SHA-256.
  presenter text NOT NULL CHECK (length(presenter) BETWEEN 1 AND 600),
  id_hash text NOT NULL CHECK (length(id_hash) = 43),
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (presenter, id_hash)
);
CREATE INDEX spent_tokens_expiry ON spent_tokens (expires_at);

-- Passkeys (W3C Web Authentication). The public half alone.
CREATE TABLE passkeys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  credential_id text NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1400),
  public_key bytea NOT NULL CHECK (length(public_key) BETWEEN 1 AND 4000),
  sign_count bigint NOT NULL CHECK (sign_count >= 0),
  transports text[] NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  -- Its counter went back: there are two of it, and neither is taken any more.
  cloned_at timestamptz(3),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
);
CREATE INDEX passkeys_person ON passkeys (person_id);

-- Machines. Each is a person of the kind that has no way to sign in, with a key of its own.
CREATE TABLE service_clients (
  person_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  label text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
  -- Its public key as JWK.
  public_jwk jsonb NOT NULL CHECK (NOT public_jwk ? 'd'),
  actions text[] NOT NULL CHECK (cardinality(actions) BETWEEN 1 AND 100),
  created_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3),
  UNIQUE (organization_id, person_id),
  FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES people (organization_id, id)
);

CREATE TABLE service_tokens (
  -- SHA-256 of the token, base64url.
  id_hash text PRIMARY KEY CHECK (length(id_hash) = 43),
  organization_id uuid NOT NULL,
  person_id uuid NOT NULL,
  -- A part of its client's.
  actions text[] NOT NULL CHECK (cardinality(actions) BETWEEN 1 AND 100),
  issued_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CHECK (expires_at > issued_at AND expires_at <= issued_at + interval '1 hour'),
  FOREIGN KEY (organization_id, person_id) REFERENCES service_clients (organization_id, person_id)
);
CREATE INDEX service_tokens_expiry ON service_tokens (expires_at);
