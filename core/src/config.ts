import { isIP } from 'node:net';
import { join } from 'node:path';
import { envVar, isLoopbackHost, readEnv } from '@bedside/kit';
import { z } from 'zod';
import type { SmtpConfig } from './egress/smtp.ts';
import { LIMIT_VARIABLES, limitProblems, limitsOf, type RateLimits } from './http/limits-from-env.ts';
import { type IssuerConfig, isSecureOrLocal } from './identity/issuer-config.ts';
import { issuersOf } from './identity/issuers-from-env.ts';
import type { LimitsByKind } from './identity/sessions.ts';
import { RELAY_SECRET_MIN } from './relay/secret.ts';
import type { CorrectionPeriods } from './rights/correction-model.ts';

/** Where browsers find the relay. The secret is the relay's own: given, or in a file that is made when it is missing. */
export interface TurnAccessConfig {
  readonly urls: readonly string[];
  readonly secret: string | undefined;
  readonly secretFile: string;
}

/** How the audit trail is sealed, and where the heads of what is sealed go outside the database. */
export interface AuditConfig {
  /** The private key that signs heads; made on the first start. */
  readonly keyFile: string;
  /** Each head is appended to it as a line. */
  readonly headsFile: string;
  /** Takes each head by POST; undefined: there is none. */
  readonly collector: { readonly url: string; readonly token: string | undefined } | undefined;
  /** For how long an event may stand without a seal. */
  readonly sealEveryMs: number;
}

/** An HSM's token, through the PKCS#11 module of its maker. */
export interface Pkcs11Config {
  /** Path of the shared library. */
  readonly module: string;
  /** Label of the token. */
  readonly token: string;
  /** Holds the user's PIN in its first line. */
  readonly pinFile: string;
}

export interface AwsKmsConfig {
  readonly region: string;
  /** Undefined: the region's own. */
  readonly endpoint: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Where the keys are that wrap the data keys of patients (ADR 0022). */
export interface PhiConfig {
  /** What a database without a key encryption key begins with: `file`, `pkcs11:LABEL`, or `aws-kms:KEY-ID`. */
  readonly kek: string;
  /** Made on the first start where `kek` is `file`. */
  readonly keyFile: string;
  /** Undefined: there is none, and what it wrapped stays closed. */
  readonly pkcs11: Pkcs11Config | undefined;
  readonly awsKms: AwsKmsConfig | undefined;
  /** Data keys kept in memory at the most, and for how long. */
  readonly cacheKeys: number;
  readonly cacheMs: number;
}

export interface CoreConfig {
  /** As the application: a role that owns no table and cannot pass row-level security. */
  readonly databaseUrl: string;
  /** As the owner of the tables, for migrations alone. Undefined: `databaseUrl` is the owner's, see ADR 0020. */
  readonly migrationDatabaseUrl: string | undefined;
  /** Connections to the database at the most. */
  readonly databasePoolSize: number;
  /** Whether statements that come again are prepared by name; absent: yes. */
  readonly databasePrepares?: boolean;
  /** Origin under which browsers reach Bedside, without a slash at the end. Also the grants' issuer. */
  readonly publicUrl: string;
  /** Origins from which writes are taken; `publicUrl` is one of them. */
  readonly allowedOrigins: readonly string[];
  readonly issuers: readonly IssuerConfig[];
  /** How long browser sessions last. */
  readonly sessions: LimitsByKind;
  /** For how long after it a proof of who one is counts for sensitive acts. */
  readonly stepUpWithinMs: number;
  readonly demo: boolean;
  readonly grantKeyFile: string;
  /** Undefined: there is no relay, and grants come without ICE servers. */
  readonly turn: TurnAccessConfig | undefined;
  readonly audit: AuditConfig;
  readonly phi: PhiConfig;
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed. Empty: nobody's. */
  readonly trustedProxies: readonly string[];
  readonly rateLimits: RateLimits;
  /** How many days ahead of a provider's present one their time is laid out: the longest anybody can book ahead. */
  readonly slotHorizonDays: number;
  /** Whether this process does what is done beside requests: messages, offers, the outbox, the nightly roll of days. */
  readonly jobs: boolean;
  /** Undefined: e-mail is told of in the log instead of sent. */
  readonly smtp: SmtpConfig | undefined;
  /** How long a freed time is kept for somebody on the waitlist. */
  readonly offerMinutes: number;
  /** How long the organization takes at the most to answer a request for correction. */
  readonly corrections: CorrectionPeriods;
}

const MINUTE_MS = 60_000;
/** NIST SP 800-63B §4.2.3 (AAL2): half an hour without use, twelve hours in all. */
export const DEFAULT_SESSION_LIMITS: LimitsByKind = {
  staff: { idleMs: 30 * MINUTE_MS, lifeMs: 12 * 60 * MINUTE_MS },
  patient: { idleMs: 30 * MINUTE_MS, lifeMs: 12 * 60 * MINUTE_MS },
};
export const DEFAULT_STEP_UP_WITHIN_MS = 10 * MINUTE_MS;

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Postgres on this machine (a UNIX socket, loopback), or one that is known by its certificate and name. `require` would
 * speak TLS with anybody. How Bedside shows who it is (password or `sslcert`) is the server's to ask.
 */
const isPrivateDatabase = (value: string): boolean => {
  if (!URL.canParse(value)) return false;
  const { hostname, searchParams } = new URL(value);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  return host === '' || host.startsWith('/') || isLoopbackHost(host) || searchParams.get('sslmode') === 'verify-full';
};

const databaseUrl = () =>
  z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'must be a URL that starts with postgres://', abort: true })
    .refine(
      isPrivateDatabase,
      'leads to another machine, which is spoken with over TLS only; add ?sslmode=verify-full (and sslrootcert=, sslcert=, sslkey= as the server wants them)',
    );

const isNetwork = (item: string): boolean => /^[^/]+(\/\d{1,3})?$/.test(item) && isIP(item.split('/')[0] ?? '') !== 0;

const originUrl = () => envVar.url(['http:', 'https:']).transform((value) => new URL(value).origin);

/** RFC 7065; DTLS (`turns:` over UDP) is spoken by no browser. */
const TURN_URI = /^(turn:[^?@/\s]+(\?transport=(udp|tcp))?|turns:[^?@/\s]+(\?transport=tcp)?)$/;
const MAX_TURN_URIS = 8;

const isSet = (value: string | undefined): boolean => value !== undefined;

const KEK = /^(file|pkcs11:[\x21-\x7e]{1,32}|aws-kms:[A-Za-z0-9:/_-]{1,256})$/;

const Environment = z
  .object({
    DATABASE_URL: databaseUrl(),
    BEDSIDE_MIGRATION_DATABASE_URL: databaseUrl().optional(),
    BEDSIDE_DATABASE_POOL_SIZE: envVar.integer({ min: 2, max: 200 }).default(10),
    BEDSIDE_DATABASE_PREPARES: envVar.flag().default(true),
    BEDSIDE_PORT: envVar.port().default(8080),
    BEDSIDE_PUBLIC_URL: originUrl().optional(),
    BEDSIDE_ALLOWED_ORIGINS: envVar.list().default([]),
    BEDSIDE_OIDC_ISSUER: envVar
      .url(['http:', 'https:'])
      .refine(isSecureOrLocal, 'must start with https:// (http:// only for localhost)')
      .optional(),
    BEDSIDE_OIDC_CLIENT_ID: z.string().max(200).optional(),
    BEDSIDE_OIDC_CLIENT_SECRET: z.string().max(500).optional(),
    BEDSIDE_OIDC_STEP_UP_ACR: envVar.list().default([]),
    BEDSIDE_ISSUERS_FILE: z.string().optional(),
    BEDSIDE_SESSION_STAFF_IDLE_MINUTES: envVar.integer({ min: 5, max: 720 }).default(30),
    BEDSIDE_SESSION_STAFF_HOURS: envVar.integer({ min: 1, max: 24 }).default(12),
    BEDSIDE_SESSION_PATIENT_IDLE_MINUTES: envVar.integer({ min: 5, max: 720 }).default(30),
    BEDSIDE_SESSION_PATIENT_HOURS: envVar.integer({ min: 1, max: 24 }).default(12),
    BEDSIDE_STEP_UP_MINUTES: envVar.integer({ min: 1, max: 60 }).default(10),
    BEDSIDE_DEMO: envVar.flag().default(false),
    BEDSIDE_DATA_DIR: z.string().default('.bedside'),
    BEDSIDE_GRANT_KEY_FILE: z.string().optional(),
    BEDSIDE_TURN_URLS: envVar
      .list()
      .refine(
        (items) => items.length <= MAX_TURN_URIS && items.every((item) => item.length <= 300 && TURN_URI.test(item)),
        `must be a list of at most ${MAX_TURN_URIS} TURN addresses, like turn:visits.example.org:3478?transport=udp,turns:visits.example.org:443`,
      )
      .default([]),
    BEDSIDE_TURN_SECRET: envVar
      .list()
      .refine(
        (items) => items.every((item) => item.length >= RELAY_SECRET_MIN),
        `must have ${RELAY_SECRET_MIN} characters or more`,
      )
      .default([]),
    BEDSIDE_TURN_SECRET_FILE: z.string().optional(),
    BEDSIDE_AUDIT_KEY_FILE: z.string().optional(),
    BEDSIDE_AUDIT_HEADS_FILE: z.string().optional(),
    BEDSIDE_AUDIT_COLLECTOR_URL: envVar
      .url(['http:', 'https:'])
      .max(500)
      .refine(
        (value) => URL.canParse(value) && isSecureOrLocal(value) && new URL(value).password === '',
        'must start with https:// (http:// only for localhost) and carry no password; BEDSIDE_AUDIT_COLLECTOR_TOKEN is for that',
      )
      .optional(),
    BEDSIDE_AUDIT_COLLECTOR_TOKEN: z.string().max(2_000).optional(),
    BEDSIDE_AUDIT_SEAL_EVERY_MS: envVar.integer({ min: 100, max: 60_000 }).default(2_000),
    BEDSIDE_PHI_KEK: z
      .string()
      .regex(KEK, 'must be file, pkcs11: and the label of a key, or aws-kms: and the id or ARN of a key')
      .default('file'),
    BEDSIDE_PHI_KEK_FILE: z.string().optional(),
    BEDSIDE_PHI_CACHE_KEYS: envVar.integer({ min: 0, max: 1_000_000 }).default(10_000),
    BEDSIDE_PHI_CACHE_SECONDS: envVar.integer({ min: 0, max: 3_600 }).default(60),
    BEDSIDE_PKCS11_MODULE: z.string().optional(),
    BEDSIDE_PKCS11_TOKEN: z.string().max(32).optional(),
    BEDSIDE_PKCS11_PIN_FILE: z.string().optional(),
    BEDSIDE_AWS_KMS_REGION: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'must be a region, like eu-central-1')
      .optional(),
    BEDSIDE_AWS_KMS_ENDPOINT: envVar
      .url(['http:', 'https:'])
      .refine(
        (value) => URL.canParse(value) && isSecureOrLocal(value),
        'must start with https:// (http:// only for localhost)',
      )
      .optional(),
    AWS_ACCESS_KEY_ID: z.string().max(200).optional(),
    AWS_SECRET_ACCESS_KEY: z.string().max(200).optional(),
    AWS_SESSION_TOKEN: z.string().max(8_000).optional(),
    BEDSIDE_SLOT_HORIZON_DAYS: envVar.integer({ min: 1, max: 366 }).default(30),
    BEDSIDE_JOBS: envVar.flag().default(true),
    BEDSIDE_SMTP_URL: envVar
      .url(['smtp:', 'smtps:'])
      .refine(
        (value) => !URL.canParse(value) || (new URL(value).hostname !== '' && /^\/?$/.test(new URL(value).pathname)),
        'must name a server, like smtps://user:password@mail.example.org',
      )
      .optional(),
    BEDSIDE_MAIL_FROM: z
      .string()
      .max(300)
      .regex(
        /^([^<>@\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
        'must be an address, like Clinic <visits@example.org>',
      )
      .optional(),
    BEDSIDE_OFFER_MINUTES: envVar.integer({ min: 5, max: 240 }).default(15),
    BEDSIDE_CORRECTION_DAYS: envVar.integer({ min: 1, max: 60 }).default(60),
    BEDSIDE_CORRECTION_EXTENSION_DAYS: envVar.integer({ min: 1, max: 30 }).default(30),
    ...LIMIT_VARIABLES,
    BEDSIDE_TRUSTED_PROXIES: envVar
      .list()
      .refine((items) => items.every(isNetwork), 'must be a list of IP addresses or networks, like 10.0.0.0/8')
      .default([]),
  })
  .refine(
    (env) => (env.BEDSIDE_SMTP_URL === undefined) === (env.BEDSIDE_MAIL_FROM === undefined),
    'BEDSIDE_SMTP_URL, BEDSIDE_MAIL_FROM: are set both or not at all',
  )
  .refine(
    (env) =>
      (env.BEDSIDE_ISSUERS_FILE === undefined) === (env.BEDSIDE_OIDC_ISSUER !== undefined) &&
      (env.BEDSIDE_OIDC_ISSUER === undefined) === (env.BEDSIDE_OIDC_CLIENT_ID === undefined),
    'BEDSIDE_OIDC_ISSUER, BEDSIDE_OIDC_CLIENT_ID: are set both, or BEDSIDE_ISSUERS_FILE in their place',
  )
  .refine(
    (env) =>
      new Set([env.BEDSIDE_PKCS11_MODULE, env.BEDSIDE_PKCS11_TOKEN, env.BEDSIDE_PKCS11_PIN_FILE].map(isSet)).size === 1,
    'BEDSIDE_PKCS11_MODULE, BEDSIDE_PKCS11_TOKEN, BEDSIDE_PKCS11_PIN_FILE: are set all or not at all',
  )
  .refine(
    (env) => !env.BEDSIDE_PHI_KEK.startsWith('pkcs11:') || isSet(env.BEDSIDE_PKCS11_MODULE),
    'BEDSIDE_PHI_KEK: names a key of a PKCS#11 token; BEDSIDE_PKCS11_MODULE has to be set',
  )
  .refine(
    (env) => !env.BEDSIDE_PHI_KEK.startsWith('aws-kms:') || isSet(env.BEDSIDE_AWS_KMS_REGION),
    'BEDSIDE_PHI_KEK: names a key of AWS KMS; BEDSIDE_AWS_KMS_REGION has to be set',
  )
  .refine(
    (env) => !isSet(env.BEDSIDE_AWS_KMS_REGION) || (isSet(env.AWS_ACCESS_KEY_ID) && isSet(env.AWS_SECRET_ACCESS_KEY)),
    'BEDSIDE_AWS_KMS_REGION: needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too',
  )
  .superRefine((env, context) => {
    for (const message of limitProblems(env)) context.addIssue({ code: 'custom', message });
  });
type Environment = z.output<typeof Environment>;

const phiOf = (env: Environment): PhiConfig => {
  const { BEDSIDE_PKCS11_MODULE: module, BEDSIDE_PKCS11_TOKEN: token, BEDSIDE_PKCS11_PIN_FILE: pinFile } = env;
  const { BEDSIDE_AWS_KMS_REGION: region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = env;
  return {
    kek: env.BEDSIDE_PHI_KEK,
    keyFile: env.BEDSIDE_PHI_KEK_FILE ?? join(env.BEDSIDE_DATA_DIR, 'phi-kek.json'),
    pkcs11:
      module === undefined || token === undefined || pinFile === undefined ? undefined : { module, token, pinFile },
    awsKms:
      region === undefined || AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined
        ? undefined
        : {
            region,
            endpoint: env.BEDSIDE_AWS_KMS_ENDPOINT,
            accessKeyId: AWS_ACCESS_KEY_ID,
            secretAccessKey: AWS_SECRET_ACCESS_KEY,
            sessionToken: env.AWS_SESSION_TOKEN,
          },
    cacheKeys: env.BEDSIDE_PHI_CACHE_KEYS,
    cacheMs: env.BEDSIDE_PHI_CACHE_SECONDS * 1_000,
  };
};

/** Plain SMTP is for a server on the machine itself; on the way to any other, STARTTLS has to succeed. */
const smtpOf = (url: string | undefined, from: string | undefined): SmtpConfig | undefined => {
  if (url === undefined || from === undefined) return undefined;
  const { protocol, hostname, port, username, password } = new URL(url);
  const isImplicitTls = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isImplicitTls ? 465 : 587) : Number(port),
    isImplicitTls,
    requiresTls: !LOCAL_HOSTS.includes(hostname),
    user: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    from,
  };
};

/** Parses the environment. Throws kit's `ConfigError` with every problem at once. */
export const coreConfig = (env: Readonly<Record<string, string | undefined>>): CoreConfig => {
  const parsed = readEnv(Environment, env);
  const publicUrl = parsed.BEDSIDE_PUBLIC_URL ?? `http://localhost:${parsed.BEDSIDE_PORT}`;
  return Object.freeze({
    databaseUrl: parsed.DATABASE_URL,
    migrationDatabaseUrl: parsed.BEDSIDE_MIGRATION_DATABASE_URL,
    databasePoolSize: parsed.BEDSIDE_DATABASE_POOL_SIZE,
    databasePrepares: parsed.BEDSIDE_DATABASE_PREPARES,
    publicUrl,
    allowedOrigins: [...new Set([publicUrl, ...parsed.BEDSIDE_ALLOWED_ORIGINS])],
    issuers: issuersOf(parsed),
    sessions: {
      staff: {
        idleMs: parsed.BEDSIDE_SESSION_STAFF_IDLE_MINUTES * MINUTE_MS,
        lifeMs: parsed.BEDSIDE_SESSION_STAFF_HOURS * 60 * MINUTE_MS,
      },
      patient: {
        idleMs: parsed.BEDSIDE_SESSION_PATIENT_IDLE_MINUTES * MINUTE_MS,
        lifeMs: parsed.BEDSIDE_SESSION_PATIENT_HOURS * 60 * MINUTE_MS,
      },
    },
    stepUpWithinMs: parsed.BEDSIDE_STEP_UP_MINUTES * MINUTE_MS,
    demo: parsed.BEDSIDE_DEMO,
    grantKeyFile: parsed.BEDSIDE_GRANT_KEY_FILE ?? join(parsed.BEDSIDE_DATA_DIR, 'grant-key.json'),
    turn:
      parsed.BEDSIDE_TURN_URLS.length === 0
        ? undefined
        : {
            urls: parsed.BEDSIDE_TURN_URLS,
            // The relay takes the others while a secret is being changed.
            secret: parsed.BEDSIDE_TURN_SECRET[0],
            secretFile: parsed.BEDSIDE_TURN_SECRET_FILE ?? join(parsed.BEDSIDE_DATA_DIR, 'turn-secret'),
          },
    audit: {
      keyFile: parsed.BEDSIDE_AUDIT_KEY_FILE ?? join(parsed.BEDSIDE_DATA_DIR, 'audit-key.json'),
      headsFile: parsed.BEDSIDE_AUDIT_HEADS_FILE ?? join(parsed.BEDSIDE_DATA_DIR, 'audit-heads.jsonl'),
      collector:
        parsed.BEDSIDE_AUDIT_COLLECTOR_URL === undefined
          ? undefined
          : { url: parsed.BEDSIDE_AUDIT_COLLECTOR_URL, token: parsed.BEDSIDE_AUDIT_COLLECTOR_TOKEN },
      sealEveryMs: parsed.BEDSIDE_AUDIT_SEAL_EVERY_MS,
    },
    phi: phiOf(parsed),
    trustedProxies: parsed.BEDSIDE_TRUSTED_PROXIES,
    rateLimits: limitsOf(parsed),
    jobs: parsed.BEDSIDE_JOBS,
    smtp: smtpOf(parsed.BEDSIDE_SMTP_URL, parsed.BEDSIDE_MAIL_FROM),
    offerMinutes: parsed.BEDSIDE_OFFER_MINUTES,
    corrections: {
      answerDays: parsed.BEDSIDE_CORRECTION_DAYS,
      extensionDays: parsed.BEDSIDE_CORRECTION_EXTENSION_DAYS,
    },
    slotHorizonDays: parsed.BEDSIDE_SLOT_HORIZON_DAYS,
  });
};
