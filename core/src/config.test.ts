import { ConfigError } from '@bedside/kit';
import { describe, expect, it } from 'vitest';
import { coreConfig } from './config.ts';

const env = {
  DATABASE_URL: 'postgresql://bedside:hunter2@localhost:5432/bedside?host=%2Ftmp%2Fsocket',
  BEDSIDE_OIDC_ISSUER: 'https://login.example.org',
  BEDSIDE_OIDC_CLIENT_ID: 'bedside',
};
const problemsOf = (change: Record<string, string>): readonly string[] => {
  try {
    coreConfig({ ...env, ...change });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('configuration', () => {
  it('has a default for what nobody has to decide', () => {
    expect(coreConfig(env)).toMatchObject({
      publicUrl: 'http://localhost:8080',
      allowedOrigins: ['http://localhost:8080'],
      databasePoolSize: 10,
      demo: false,
      grantKeyFile: '.bedside/grant-key.json',
      turn: undefined,
      audit: {
        keyFile: '.bedside/audit-key.json',
        headsFile: '.bedside/audit-heads.jsonl',
        collector: undefined,
        sealEveryMs: 2_000,
      },
      trustedProxies: [],
    });
  });

  it('limits requests as it always did, or as it is told', () => {
    expect(coreConfig(env).rateLimits).toEqual({
      address: 6_000,
      signIn: 600,
      signInFailures: 60,
      signInAll: 6_000,
      read: 600,
      write: 240,
      grant: 60,
    });
    const told = {
      BEDSIDE_LIMIT_ADDRESS_PER_MINUTE: '20000',
      BEDSIDE_LIMIT_READ_PER_MINUTE: '900',
      BEDSIDE_LIMIT_WRITE_PER_MINUTE: '300',
      BEDSIDE_LIMIT_GRANT_PER_MINUTE: '90',
      BEDSIDE_LIMIT_SIGN_IN_PER_MINUTE: '700',
      BEDSIDE_LIMIT_SIGN_IN_ALL_PER_MINUTE: '9000',
      BEDSIDE_LIMIT_SIGN_IN_FAILURES_PER_QUARTER_HOUR: '30',
    };
    expect(coreConfig({ ...env, ...told }).rateLimits).toEqual({
      address: 20_000,
      signIn: 700,
      signInFailures: 30,
      signInAll: 9_000,
      read: 900,
      write: 300,
      grant: 90,
    });
  });

  it.each(['0', '-5', 'many', '1e3', '2000000'])('takes %s for no limit', (value) => {
    const name = 'BEDSIDE_LIMIT_READ_PER_MINUTE';
    expect(problemsOf({ [name]: value })).toContainEqual(expect.stringMatching(new RegExp(`^${name}: must be`)));
  });

  it('says which limit cannot be reached for another', () => {
    expect(
      problemsOf({ BEDSIDE_LIMIT_ADDRESS_PER_MINUTE: '500', BEDSIDE_LIMIT_SIGN_IN_ALL_PER_MINUTE: '100' }),
    ).toEqual([
      'BEDSIDE_LIMIT_READ_PER_MINUTE: must not be more than BEDSIDE_LIMIT_ADDRESS_PER_MINUTE',
      'BEDSIDE_LIMIT_SIGN_IN_PER_MINUTE: must not be more than BEDSIDE_LIMIT_ADDRESS_PER_MINUTE',
      'BEDSIDE_LIMIT_SIGN_IN_PER_MINUTE: must not be more than BEDSIDE_LIMIT_SIGN_IN_ALL_PER_MINUTE',
    ]);
  });

  it('sends audit heads over TLS only, and keeps passwords out of the address', () => {
    const url = 'BEDSIDE_AUDIT_COLLECTOR_URL';
    for (const refused of ['http://collector.example.org/', 'https://a:b@collector.example.org/'])
      expect(problemsOf({ [url]: refused }).map((problem) => problem.split(':')[0])).toEqual([url]);
    expect(
      coreConfig({ ...env, [url]: 'https://collector.example.org/heads', BEDSIDE_AUDIT_COLLECTOR_TOKEN: 't' }).audit,
    ).toMatchObject({ collector: { url: 'https://collector.example.org/heads', token: 't' } });
  });

  it('takes an origin however it is written', () => {
    const config = coreConfig({
      ...env,
      BEDSIDE_PUBLIC_URL: 'https://Visits.example/',
      BEDSIDE_ALLOWED_ORIGINS: 'https://portal.example',
    });
    expect(config).toMatchObject({
      publicUrl: 'https://visits.example',
      allowedOrigins: ['https://visits.example', 'https://portal.example'],
    });
  });

  it('names every problem at once and quotes no value', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://secret',
      BEDSIDE_OIDC_ISSUER: 'http://login.example.org',
      BEDSIDE_DATABASE_POOL_SIZE: '1',
      BEDSIDE_TRUSTED_PROXIES: '10.0.0.0/8, proxy.example',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'DATABASE_URL',
      'BEDSIDE_DATABASE_POOL_SIZE',
      'BEDSIDE_OIDC_ISSUER',
      'BEDSIDE_TRUSTED_PROXIES',
    ]);
    expect(problems.join()).not.toMatch(/secret|login\.example/);
  });

  it.each(['http://localhost:9000', 'http://127.0.0.1/issuer', 'http://[::1]:9000'])(
    'takes an issuer without TLS at %s',
    (issuer) => {
      expect(problemsOf({ BEDSIDE_OIDC_ISSUER: issuer })).toEqual([]);
    },
  );

  it('sends mail over TLS, but for a server on the machine itself', () => {
    const smtp = (url: string) =>
      coreConfig({ ...env, BEDSIDE_SMTP_URL: url, BEDSIDE_MAIL_FROM: 'Clinic <visits@example.org>' }).smtp;
    expect(smtp('smtps://bedside:p%40ss@mail.example.org')).toEqual({
      host: 'mail.example.org',
      port: 465,
      isImplicitTls: true,
      requiresTls: true,
      user: 'bedside',
      password: 'p@ss',
      from: 'Clinic <visits@example.org>',
    });
    expect(smtp('smtp://mail.example.org')).toMatchObject({ port: 587, isImplicitTls: false, requiresTls: true });
    expect(smtp('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525, requiresTls: false });
  });

  it('names what is wrong with the mail settings, and never their values', () => {
    const from = { BEDSIDE_MAIL_FROM: 'visits@example.org' };
    expect(problemsOf(from)).toEqual(['BEDSIDE_SMTP_URL, BEDSIDE_MAIL_FROM: are set both or not at all']);
    const problems = problemsOf({
      BEDSIDE_SMTP_URL: 'http://bedside:hunter2@mail.example.org',
      BEDSIDE_MAIL_FROM: 'a@b\r\nBcc: everybody@example.org',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['BEDSIDE_SMTP_URL', 'BEDSIDE_MAIL_FROM']);
    expect(problems.join()).not.toMatch(/hunter2|Bcc/);
  });

  it('takes one issuer from the environment or several from a file, and not both', async () => {
    expect(coreConfig(env).issuers).toMatchObject([
      { id: 'main', for: ['staff', 'patients'], stepUp: { by: 'sign-in' } },
    ]);
    expect(coreConfig({ ...env, BEDSIDE_OIDC_STEP_UP_ACR: 'mfa, key' }).issuers[0]?.stepUp).toEqual({
      by: 'acr',
      values: ['mfa', 'key'],
    });
    const both = problemsOf({ BEDSIDE_ISSUERS_FILE: '/nowhere/issuers.json' });
    expect(both).toEqual([expect.stringMatching(/BEDSIDE_ISSUERS_FILE in their place/)]);
    const { BEDSIDE_OIDC_CLIENT_ID: _, BEDSIDE_OIDC_ISSUER: __, ...none } = env;
    expect(() => coreConfig(none)).toThrow(/BEDSIDE_OIDC_ISSUER, BEDSIDE_OIDC_CLIENT_ID/);
    expect(() => coreConfig({ ...none, BEDSIDE_ISSUERS_FILE: '/nowhere/issuers.json' })).toThrow(
      /BEDSIDE_ISSUERS_FILE: cannot be read/,
    );
  });

  it('has limits for sessions by kind', () => {
    const config = coreConfig({ ...env, BEDSIDE_SESSION_STAFF_IDLE_MINUTES: '15', BEDSIDE_SESSION_PATIENT_HOURS: '4' });
    expect(config.sessions).toEqual({
      staff: { idleMs: 900_000, lifeMs: 43_200_000 },
      patient: { idleMs: 1_800_000, lifeMs: 14_400_000 },
    });
    expect(problemsOf({ BEDSIDE_SESSION_STAFF_HOURS: '48' })).toHaveLength(1);
  });
});
