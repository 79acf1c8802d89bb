import { AuditPage, AuditQuery, RecordAccessPage, RecordAccessQuery } from '@bedside/protocol';
import { type App, callerOf } from '../http/app.ts';
import { problems } from '../http/route-schema.ts';
import type { AuditReading } from './service.ts';

export const auditRoutes = (app: App, reading: AuditReading): void => {
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
