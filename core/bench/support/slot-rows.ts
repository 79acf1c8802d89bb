import type { IncomingMessage, ServerResponse } from 'node:http';
import pg from 'pg';
import type { BenchClinic } from './clinic.ts';

/** Makes one row a slot from the same days and bookings, indexed as one would. Answers how many rows there are. */
export const makeSlotRows = async (clinic: BenchClinic): Promise<number> => {
  const client = new pg.Client(clinic.databaseUrl);
  await client.connect();
  try {
    const made = await client.query(
      `CREATE TABLE slot_rows AS
        SELECT row_number() OVER () AS id, day.organization_id, day.provider_id, day.specialty, $1::uuid AS visit_type_id,
          day.on_date, to_timestamp(minute * 60) AS starts_at, to_timestamp((minute + 30) * 60) AS ends_at,
          CASE WHEN EXISTS (
            SELECT FROM appointments WHERE provider_id = day.provider_id AND starts_at = to_timestamp(minute * 60)
          ) THEN 'booked' ELSE 'free' END AS status
        FROM slot_days AS day, jsonb_array_elements(day.openings) AS opening,
          generate_series((opening ->> 0)::int, (opening ->> 1)::int - 30, 30) AS minute`,
      [clinic.visitTypeId],
    );
    await client.query(
      `CREATE INDEX ON slot_rows (organization_id, visit_type_id, starts_at, provider_id) WHERE status = 'free'`,
    );
    await client.query(
      `CREATE INDEX ON slot_rows (organization_id, visit_type_id, specialty, starts_at) WHERE status = 'free'`,
    );
    await client.query(`CREATE INDEX ON slot_rows (provider_id, starts_at)`);
    await client.query('VACUUM ANALYZE slot_rows');
    return made.rowCount ?? 0;
  } finally {
    await client.end();
  }
};

const SEARCH = `
  SELECT slot_rows.provider_id, people.display_name, slot_rows.specialty, people.time_zone,
    array_agg(starts_at ORDER BY starts_at) AS starts
  FROM slot_rows JOIN people ON people.id = slot_rows.provider_id
  WHERE slot_rows.organization_id = $1 AND visit_type_id = $2 AND status = 'free' AND starts_at >= $3 AND starts_at < $4
    AND ($5::text IS NULL OR slot_rows.specialty = $5) AND ($6::uuid IS NULL OR provider_id = $6)
  GROUP BY slot_rows.provider_id, people.display_name, slot_rows.specialty, people.time_zone, on_date
  ORDER BY min(starts_at), provider_id LIMIT 20`;

/** The same page of the same search from one row a slot, without sign-in, policy or schemas: in its favour. */
export const answerFromSlotRows = (databaseUrl: string) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  return {
    answer: (request: IncomingMessage, response: ServerResponse): void => {
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
      const values = ['organizationId', 'visitTypeId', 'from', 'to', 'specialty', 'providerId'].map((name) =>
        query.get(name),
      );
      pool.query({ name: 'slot-rows', text: SEARCH, values }).then(
        ({ rows }) => response.end(JSON.stringify({ days: rows })),
        () => response.writeHead(500).end(),
      );
    },
    close: () => pool.end(),
  };
};
