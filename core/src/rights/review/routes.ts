import {
  AccessReviewId,
  AccessReviewList,
  AccessReviewQuery,
  AccessReviewSignature,
  IDEMPOTENCY_HEADER,
} from '@bedside/protocol';
import { z } from 'zod';
import { type App, callerOf } from '../../http/app.ts';
import { idempotent, noContent, problems } from '../../http/route-schema.ts';
import type { AccessReviews } from './service.ts';

export const accessReviewRoutes = (app: App, reviews: AccessReviews): void => {
  app.get(
    '/api/v1/access-reviews',
    {
      config: { action: 'access-review.read', rate: 'read' },
      schema: {
        summary: 'Access reviews that were made, and who signed them, newest first.',
        querystring: AccessReviewQuery,
        response: { 200: AccessReviewList, ...problems },
      },
    },
    async (request) => reviews.list(callerOf(request), request.query.cursor),
  );

  app.post(
    '/api/v1/access-reviews/:reviewId/sign',
    {
      config: { action: 'access-review.sign', rate: 'write', stepUp: true },
      schema: {
        summary: 'Signs a review, for the file with this hash.',
        params: z.object({ reviewId: AccessReviewId }),
        headers: idempotent,
        body: AccessReviewSignature,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await reviews.sign(callerOf(request), request.params.reviewId, {
        signature: request.body,
        idempotencyKey: request.headers[IDEMPOTENCY_HEADER],
      });
      return reply.code(204).send();
    },
  );
};
