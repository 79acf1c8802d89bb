import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import pg from 'pg';
import { sha256 } from '../../src/secrets.ts';

interface WantedTime {
  readonly providerId: string;
  readonly patientId: string;
  readonly visitTypeId: string;
  readonly startsAt: string;
}

const RETRIES = 20;
const SERIALIZATION_FAILURE = '40001';

/** The same tables without constraints on time, with what is booked in them. */
export const makeSerializableTables = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    for (const table of ['appointments', 'encounters', 'presences'])
      await client.query(
        `CREATE TABLE serializable_${table} (LIKE ${table} INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING CONSTRAINTS)`,
      );
    await client.query('INSERT INTO serializable_appointments SELECT * FROM appointments');
    await client.query('VACUUM ANALYZE serializable_appointments');
  } finally {
    await client.end();
  }
};

const STATEMENTS = {
  session: `SELECT person_id, organization_id FROM sessions WHERE id_hash = $1`,
  key: `INSERT INTO idempotency_keys (person_id, key, organization_id, request_hash, resource_id, expires_at)
    VALUES ($1, $2, $3, $4, $5, now() + interval '24 hours')`,
  busy: `SELECT 1 FROM serializable_appointments
    WHERE (provider_id = $1 OR patient_id = $2) AND starts_at < $4 AND ends_at > $3
      AND starts_at > $3::timestamptz - interval '1 day'
      AND status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit')`,
  appointment: `INSERT INTO serializable_appointments (id, organization_id, provider_id, patient_id, visit_type_id,
      starts_at, ends_at, provider_date, booked_by, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $6::timestamptz::date, $4, now(), now())`,
  encounter: `INSERT INTO serializable_encounters (id, organization_id, appointment_id, patient_id, provider_id, created_at)
    VALUES ($1, $2, $3, $4, $5, now())`,
  presences: `INSERT INTO serializable_presences (encounter_id, person_id, organization_id, role, since)
    VALUES ($1, $2, $4, 'patient', now()), ($1, $3, $4, 'provider', now())`,
  audit: `INSERT INTO audit_events (at, organization_id, person_id, role, action, resource_type, resource_id, patient_id,
      encounter_id, outcome)
    VALUES (now(), $1, $2, 'patient', 'appointment.book', 'appointment', $3, $2, $4, 'success')`,
  outbox: `INSERT INTO outbox_events (organization_id, topic, resource_id, created_at, available_at)
    VALUES ($1, 'appointment.booked', $2, now(), now())`,
} as const;

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

/**
 * The booking as check-then-insert under SERIALIZABLE, tried again when it is aborted, without schemas, policy, foreign
 * keys or constraints on time: in its favour. Statements are prepared by name.
 */
export const answerSerializably = (databaseUrl: string) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });

  const attempt = async (client: pg.PoolClient, wanted: WantedTime, cookie: string, key: string): Promise<boolean> => {
    const run = (name: keyof typeof STATEMENTS, values: unknown[]) =>
      client.query({ name, text: STATEMENTS[name], values });
    const { rows } = await run('session', [sha256(cookie)]);
    const { person_id: patientId, organization_id: organizationId } = rows[0] as Record<string, string>;
    const [appointmentId, encounterId] = [randomUUID(), randomUUID()];
    const { providerId, visitTypeId, startsAt } = wanted;
    const endsAt = new Date(Date.parse(startsAt) + 30 * 60_000);
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    const busy = await run('busy', [providerId, patientId, startsAt, endsAt]);
    if ((busy.rowCount ?? 0) > 0) {
      await client.query('ROLLBACK');
      return false;
    }
    await run('key', [patientId, key, organizationId, sha256(JSON.stringify(wanted)), appointmentId]);
    await run('appointment', [appointmentId, organizationId, providerId, patientId, visitTypeId, startsAt, endsAt]);
    await run('encounter', [encounterId, organizationId, appointmentId, patientId, providerId]);
    await run('presences', [encounterId, patientId, providerId, organizationId]);
    await run('audit', [organizationId, patientId, appointmentId, encounterId]);
    await run('outbox', [organizationId, appointmentId]);
    await client.query('COMMIT');
    return true;
  };

  const book = async (request: IncomingMessage): Promise<{ status: number; aborts: number }> => {
    const wanted = JSON.parse(await textOf(request)) as WantedTime;
    const cookie = request.headers.cookie?.slice('bedside_session='.length) ?? '';
    const key = String(request.headers['idempotency-key']);
    const client = await pool.connect();
    try {
      for (let aborts = 0; aborts < RETRIES; aborts++) {
        try {
          return { status: (await attempt(client, wanted, cookie, key)) ? 201 : 409, aborts };
        } catch (error) {
          await client.query('ROLLBACK');
          if ((error as { code?: string }).code !== SERIALIZATION_FAILURE) throw error;
        }
      }
      return { status: 503, aborts: RETRIES };
    } finally {
      client.release();
    }
  };

  return {
    answer: (request: IncomingMessage, response: ServerResponse): void => {
      book(request).then(
        ({ status, aborts }) => response.writeHead(status).end(JSON.stringify({ aborts })),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    },
    close: () => pool.end(),
  };
};
