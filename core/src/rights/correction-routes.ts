import {
  Correction,
  CorrectionDenial,
  CorrectionId,
  CorrectionNote,
  CorrectionPage,
  CorrectionQuery,
  CorrectionRequest,
  CorrectionWithdrawal,
  IDEMPOTENCY_HEADER,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../http/app.ts';
import { idempotent, problems } from '../http/route-schema.ts';
import type { Corrections } from './corrections.ts';

const params = z.object({ correctionId: CorrectionId });
const response = { 200: Correction, ...problems };

/** Acts that carry a note and nothing else. */
const NOTED = [
  ['extend', 'correction.decide', 'Puts a request off once, and says why (45 CFR 164.526(b)(2)(ii)).'],
  ['accept', 'correction.decide', 'Accepts a request, and says what was amended.'],
  ['disagree', 'correction.disagree', 'Disagrees with a denial; the statement goes with the record from now on.'],
  ['rebut', 'correction.decide', 'Answers a disagreement.'],
] as const;

export const correctionRoutes = (app: App, corrections: Corrections): void => {
  app.post(
    '/api/v1/corrections',
    {
      config: { action: 'correction.ask', rate: 'write' },
      schema: {
        summary: 'Asks that one’s record be corrected.',
        headers: idempotent,
        body: CorrectionRequest,
        response: { 201: Correction, ...problems },
      },
    },
    async (request, reply) => {
      const made = await corrections.ask(callerOf(request), request.body, request.headers[IDEMPOTENCY_HEADER]);
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/api/v1/corrections',
    {
      config: { action: 'correction.read', rate: 'read' },
      schema: {
        summary: 'One’s own requests for correction; for those who answer them, everybody’s.',
        querystring: CorrectionQuery,
        response: { 200: CorrectionPage, ...problems },
      },
    },
    async (request) => {
      const { open, cursor } = request.query;
      return corrections.list(callerOf(request), { open: open === 'true', cursor });
    },
  );

  app.get(
    '/api/v1/corrections/:correctionId',
    {
      config: { action: 'correction.read', rate: 'read' },
      schema: { summary: 'A request for correction with all that was said about it.', params, response },
    },
    async (request) => corrections.read(callerOf(request), request.params.correctionId),
  );

  for (const [act, action, summary] of NOTED)
    app.post(
      `/api/v1/corrections/:correctionId/${act}`,
      { config: { action, rate: 'write' }, schema: { summary, params, body: CorrectionNote, response } },
      async (request) => corrections.step(callerOf(request), request.params.correctionId, { act, ...request.body }),
    );

  app.post(
    '/api/v1/corrections/:correctionId/withdraw',
    {
      config: { action: 'correction.withdraw', rate: 'write' },
      schema: { summary: 'Takes a request back.', params, body: CorrectionWithdrawal, response },
    },
    async (request) =>
      corrections.step(callerOf(request), request.params.correctionId, { act: 'withdraw', ...request.body }),
  );

  app.post(
    '/api/v1/corrections/:correctionId/deny',
    {
      config: { action: 'correction.decide', rate: 'write' },
      schema: {
        summary: 'Denies a request on one of the grounds of 45 CFR 164.526(a)(2), and says why.',
        params,
        body: CorrectionDenial,
        response,
      },
    },
    async (request) =>
      corrections.step(callerOf(request), request.params.correctionId, { act: 'deny', ...request.body }),
  );
};
