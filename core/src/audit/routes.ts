import { Readable } from 'node:stream';
import {
  AuditExportRequest,
  AuditPage,
  AuditQuery,
  AuditStatus,
  RecordAccessPage,
  RecordAccessQuery,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import type { AuditCopies } from './copies.ts';
import type { AuditReading } from './service.ts';

/** Whoever takes longer asks again. */
const COPY_MS = 10 * 60_000;
const CSV = 'text/csv; charset=utf-8';

export const auditRoutes = (app: App, reading: AuditReading, copies: AuditCopies): void => {
  app.get(
    '/api/v1/audit/events',
    {
      config: { action: 'audit.read', rate: 'read', stepUp: true },
      schema: {
        summary: 'The organization’s audit trail, by patient, person and time, newest first.',
        querystring: AuditQuery,
        response: { 200: AuditPage, ...problems },
      },
    },
    async (request) => reading.events(callerOf(request), request.query),
  );

  app.post(
    '/api/v1/audit/export',
    {
      config: { action: 'audit.export', rate: 'write', stepUp: true },
      schema: {
        summary: 'A copy of the trail as CSV, for a purpose that stands in the trail.',
        body: AuditExportRequest,
        produces: [CSV],
        response: { 200: z.unknown().describe('CSV (RFC 4180).'), ...problems },
      },
    },
    async (request, reply) => {
      const lines = await copies.export(callerOf(request), request.body);
      reply.headers({ 'content-type': CSV, 'content-disposition': 'attachment; filename="audit-trail.csv"' });
      return reply.send(Readable.from(lines, { highWaterMark: 1, signal: AbortSignal.timeout(COPY_MS) }));
    },
  );

  app.get(
    '/api/v1/audit/status',
    {
      config: { action: 'audit.read', rate: 'read' },
      schema: {
        summary: 'How far the audit trail is sealed and published.',
        response: { 200: AuditStatus, ...problems },
      },
    },
    async () => copies.status(),
  );

  app.get(
    '/api/v1/me/record-access',
    {
      config: { action: 'record.access', rate: 'read' },
      schema: {
        summary: 'Who did something with one’s own record, newest first.',
        querystring: RecordAccessQuery,
        response: { 200: RecordAccessPage, ...problems },
      },
    },
    async (request) => reading.recordAccess(callerOf(request), request.query),
  );
};
