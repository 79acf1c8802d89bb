import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { commonHeaders, faultOf, HTTP_LIMITS } from '@bedside/kit';
import { AppError, PROBLEM_TYPE, problemOf } from '@bedside/protocol';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { audit } from '../audit/audit.ts';
import { AccessDenied, type Caller } from '../caller.ts';
import type { CoreConfig } from '../config.ts';
import type { CoreContext } from '../context.ts';
import type { Identity } from '../identity/service.ts';
import { cookieNames } from '../identity/session-model.ts';
import type { Origin } from '../identity/sessions.ts';
import type { Action, Decision, Policy } from '../policy/policy.ts';
import { refuseCrossSite } from './cross-site.ts';
import { jsonDepth, MAX_JSON_DEPTH } from './json-depth.ts';
import { toProblem } from './problem.ts';
import { RateLimited } from './rate-limit.ts';
import { type RateClass, RequestLimits } from './request-limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the policy is asked before the handler runs; `public` needs nobody, `session` needs anybody. */
    action?: Action | 'public' | 'session';
    rate?: RateClass;
    /** Whoever asks has to have proved who they are minutes ago. */
    stepUp?: boolean;
    /** Asked by other machines and never with a cookie: what keeps other sites' pages out is of no use. */
    fromMachines?: boolean;
  }
  interface FastifyRequest {
    caller: Caller | undefined;
  }
  interface FastifyReply {
    /** Set by a route that refuses a sign-in otherwise than by throwing. */
    signInRefused: boolean;
  }
}

const BODY_LIMIT_BYTES = 65_536;

/** Fastify with the schemas of the contract. */
export const typed = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>();
export type App = ReturnType<typeof typed>;

/** Where a request came from, for the trail. A proxy may say what is no address; then nobody knows. */
export const originOf = (request: FastifyRequest): Origin => {
  // An IPv6 address of a link may carry its interface's name.
  const address = request.ip?.split('%', 1)[0];
  return { address: address !== undefined && isIP(address) !== 0 ? address : undefined, requestId: request.id };
};

/** The caller of a route whose action needs one. */
export const callerOf = (request: FastifyRequest): Caller => {
  if (request.caller === undefined) throw new AppError('sign_in_required');
  return request.caller;
};

/** As bytes: to a string Fastify would add a charset, which this media type does not have (RFC 9457 §6.1). */
const answerProblem = (reply: FastifyReply, problem: ReturnType<typeof problemOf>): FastifyReply =>
  reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));

/** Whether a caller may use a route at all. A machine may where it was given the action by name; it has no session. */
const decideOnRoute = (policy: Policy, caller: Caller, action: Action | 'session'): Decision => {
  if (caller.machine !== undefined && !caller.machine.actions.includes(action))
    return { allowed: false, code: 'forbidden', reason: 'not-given-to-the-machine' };
  return action === 'session' ? { allowed: true } : policy.byAccount(caller.who, action);
};

/** Refuses to start with a route that does not say who may use it. */
const requireActions = (app: FastifyInstance): void => {
  app.addHook('onRoute', (route) => {
    if (route.config?.action === undefined || route.config.rate === undefined) {
      throw new Error(`The route ${String(route.method)} ${route.url} names no action or no rate class.`);
    }
  });
};

/** What a path takes, for the answer to a method that it does not take (RFC 9110 §15.5.6). */
const methodsByPath = (app: FastifyInstance): ((url: string) => string[]) => {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  app.addHook('onRoute', (route) => {
    const pattern = new RegExp(`^${route.url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[^/]+/g, '[^/]+')}/?$`);
    routes.push({ pattern, methods: [route.method].flat() });
  });
  return (url) => {
    const path = url.split('?', 1)[0] ?? '';
    return [...new Set(routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods))].sort();
  };
};

export interface AppOptions {
  readonly config: CoreConfig;
  readonly context: CoreContext;
  readonly identity: Identity;
}

/** The HTTP edge without its routes: recognition, policy, rate limits, problem documents, OpenAPI. */
export const createApp = async ({ config, context, identity }: AppOptions): Promise<App> => {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: () => randomUUID(),
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 100 },
    return503OnClosing: true,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  const { session: sessionCookie } = cookieNames(config.publicUrl);
  const common = Object.fromEntries(commonHeaders(new URL(config.publicUrl)));
  const limits = new RequestLimits(config.rateLimits);

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, {});
    else if (jsonDepth(body.toString()) > MAX_JSON_DEPTH)
      done(new AppError('bad_request', { detail: `body: nests deeper than ${MAX_JSON_DEPTH}.` }));
    else parseJson(request, body.toString(), done);
  });
  app.decorateRequest('caller', undefined);
  app.decorateReply('signInRefused', false);
  requireActions(app);
  const methodsOf = methodsByPath(app);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(common).header('x-request-id', request.id);
    const fault = faultOf(request.raw, HTTP_LIMITS);
    if (fault !== undefined) throw new AppError(fault);
    limits.takeAddress(request.ip, context.clock());
    // Another site can make a browser send its cookies, but no token; whoever brings one is judged by it alone.
    const bringsNoCookie =
      request.headers.authorization !== undefined || request.routeOptions.config.fromMachines === true;
    if (!bringsNoCookie) refuseCrossSite(request, config.allowedOrigins);
  });
  await app.register(cookie);
  app.addHook('onRequest', async (request) => {
    const { action, rate, stepUp } = request.routeOptions.config;
    if (action === undefined || rate === undefined) return;
    const credentials = { authorization: request.headers.authorization, cookie: request.cookies[sessionCookie] };
    request.caller = action === 'public' ? undefined : await identity.recognize(credentials, originOf(request));
    const personId = request.caller?.who.personId;
    limits.takeRoute(rate, { personId, address: request.ip, now: context.clock() });
    if (action === 'public') return;
    const caller = callerOf(request);
    const decision = decideOnRoute(context.policy, caller, action);
    if (decision.allowed) return stepUp === true ? identity.stepUp.require(caller) : undefined;
    throw new AccessDenied({
      code: decision.code,
      at: new Date(context.clock()),
      caller,
      action,
      reason: decision.reason,
      resource: { type: 'route' },
    });
  });

  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof AccessDenied) {
      context.events.accessDenied({
        code: error.code,
        personId: error.entry.actor.personId,
        reason: error.entry.reason,
      });
      await audit(context.database.as(error.caller).db, error.entry).catch((failure: unknown) =>
        context.events.failed({ error: failure, requestId: request.id }),
      );
    }
    const { problem, failure } = toProblem(error, request.id);
    if (failure) context.events.failed({ error, requestId: request.id });
    if (error instanceof RateLimited) reply.header('retry-after', error.retryAfterSeconds);
    return answerProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url);
    if (allowed.length === 0) return answerProblem(reply, problemOf('not_found', { requestId: request.id }));
    return answerProblem(
      reply.header('allow', allowed.join(', ')),
      problemOf('method_not_allowed', { requestId: request.id }),
    );
  });
  app.addHook('onResponse', async (request, reply) => {
    if (reply.signInRefused) limits.signInRefused(request.ip, context.clock());
    const route = request.routeOptions.url ?? 'none';
    context.events.httpAnswered({
      method: request.method,
      route,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
      requestId: request.id,
    });
  });

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bedside',
        version: '1',
        description: 'Visits, calendar and sign-in. Errors are problem documents (RFC 9457).',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
          machine: {
            type: 'oauth2',
            flows: { clientCredentials: { tokenUrl: '/auth/token', scopes: {} } },
          },
        },
      },
    },
    // Which action a route asks the policy for stands in the document too.
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      return { schema: { ...schema, 'x-action': input.route.config?.action } as typeof schema, url };
    },
  });
  return typed(app);
};
