import { Readable } from 'node:stream';
import { IDEMPOTENCY_HEADER, RecordExport, RecordExportId, RecordExportRequest } from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { idempotent, problems } from '../http/route-schema.ts';
import { PAGE_CSP } from './record/html.ts';
import type { RecordExports } from './record-exports.ts';

const params = z.object({ exportId: RecordExportId });
const config = { action: 'record.export', rate: 'write', stepUp: true } as const;

/** Whoever takes longer asks again: fetches at once are bounded. */
const FETCH_MS = 10 * 60_000;

/** Names of files tell nobody whose record it is. */
const FILES = {
  fhir: { type: 'application/fhir+json; charset=utf-8', name: 'record.json', csp: "default-src 'none'; sandbox" },
  html: { type: 'text/html; charset=utf-8', name: 'record.html', csp: PAGE_CSP },
} as const;

export const recordExportRoutes = (app: App, exports: RecordExports): void => {
  app.post(
    '/api/v1/record-exports',
    {
      config,
      schema: {
        summary: 'Asks for one’s own record; for those who keep records, on a patient’s behalf and with a reason.',
        headers: idempotent,
        body: RecordExportRequest,
        response: { 201: RecordExport, ...problems },
      },
    },
    async (request, reply) => {
      const made = await exports.ask(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER]);
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/api/v1/record-exports/:exportId',
    {
      config: { ...config, rate: 'read', stepUp: false },
      schema: { summary: 'What was asked for.', params, response: { 200: RecordExport, ...problems } },
    },
    async (request) => exports.read(callerOf(request), request.params.exportId),
  );

  app.get(
    '/api/v1/record-exports/:exportId/content',
    {
      config,
      schema: {
        summary: 'The record itself, as a file; for whoever asked for it.',
        params,
        produces: Object.values(FILES).map(({ type }) => type),
        response: { 200: z.unknown().describe('A FHIR R4 Bundle, or a page to read.'), ...problems },
      },
    },
    async (request, reply) => {
      const { format, parts } = await exports.content(callerOf(request), request.params.exportId);
      const file = FILES[format];
      reply.headers({
        'content-type': file.type,
        'content-disposition': `attachment; filename="${file.name}"`,
        'content-security-policy': file.csp,
      });
      // One part is waited for at a time: whoever reads slowly makes nothing pile up here.
      return reply.send(Readable.from(parts, { highWaterMark: 1, signal: AbortSignal.timeout(FETCH_MS) }));
    },
  );
};
