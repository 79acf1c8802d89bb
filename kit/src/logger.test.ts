import { describe, expect, it } from 'vitest';
import { createLogger, type Logger } from './logger.ts';

const canary = 'canary-3b9d';

const recorded = (write: (log: Logger) => void): { text: string; lines: Record<string, unknown>[] } => {
  const texts: string[] = [];
  write(createLogger({ service: 'test', level: 'debug', destination: { write: (line) => void texts.push(line) } }));
  return { text: texts.join(''), lines: texts.map((line): Record<string, unknown> => JSON.parse(line)) };
};

/** What an object holds at run time beyond what its type says. */
const smuggled = <Fields extends object>(fields: Fields): Fields => ({
  ...fields,
  patientName: canary,
  password: canary,
  nested: { text: canary },
});

describe('the logger', () => {
  it('writes listed fields on one line of JSON', () => {
    const { lines } = recorded((log) => log.info('visit-opened', { encounterId: 'e', count: 2, state: undefined }));
    expect(lines).toEqual([
      { level: 30, time: expect.any(String), service: 'test', event: 'visit-opened', encounterId: 'e', count: 2 },
    ]);
  });

  it('does not compile with a field that is not listed, a value of another type, or an event put together', () => {
    const { text } = recorded((log) => {
      // @ts-expect-error a field of its own
      log.info('something', { patientName: canary });
      const more = { count: 1, patientName: canary };
      // @ts-expect-error one that comes along in a variable
      log.info('something', more);
      // @ts-expect-error a text where a number belongs
      log.warn('something', { count: canary });
      // @ts-expect-error a child of it
      log.child(more).info('something');
      const event: string = canary;
      // @ts-expect-error an event that is not known before it runs
      log.debug(`${event} came in`);
    });
    expect(text).not.toContain(canary);
  });

  it.each(['debug', 'info', 'warn', 'error'] as const)('%s prints no field that is not listed', (level) => {
    const write = (log: Logger) => log[level] as (event: string, fields: object) => void;
    expect(recorded((log) => write(log)('something', smuggled({ count: 1 }))).text).not.toContain(canary);
  });

  it.each([
    ['reason', 'Ruth Lindqvist has no time'],
    ['reason', 'x'.repeat(200)],
    ['encounterId', 'ruth@example.org'],
    ['personId', 'Ruth Lindqvist'],
    ['route', '/api/v1/patients?search=ruth'],
    ['address', 'ruth.example.org'],
    ['issuer', 'https://login.example.org/?code=secret'],
    ['count', 'Ruth'],
  ])('withholds from %s what does not look like it: %s', (field, value) => {
    const { lines } = recorded((log) => log.info('something', { [field]: value } as object));
    expect(lines[0]).toMatchObject({ [field]: '[withheld]' });
  });

  it('prints what does look like it', () => {
    const fields = {
      reason: 'not-of-the-visit',
      encounterId: '0192d3a0-5f0e-7c3b-9a51-2f6c1d0b7e11',
      route: '/api/v1/feeds/:secret.ics',
      address: '2001:db8::1',
      issuer: 'http://localhost:8080/demo-issuer',
      subject: 'core.day.changed',
      status: 200,
    };
    expect(recorded((log) => log.info('something', fields)).lines[0]).toMatchObject(fields);
  });

  it('prints no field that is not listed of a child', () => {
    expect(recorded((log) => log.child(smuggled({ roomId: 'r' })).info('something')).text).not.toContain(canary);
  });

  it('prints no object under a listed name', () => {
    const fields: Record<string, unknown> = { reason: { text: canary }, state: [canary] };
    expect(recorded((log) => log.info('something', fields as Record<never, never>)).text).not.toContain(canary);
  });

  it('prints an error’s name, code and frames, and never its message', () => {
    const error = Object.assign(new TypeError(`bad ${canary}\n    at ${canary}\n    at ${canary} (file:///x.ts:1:2)`), {
      code: 'E_BAD',
      detail: canary,
    });
    const { text, lines } = recorded((log) => log.error('failed', { error }));
    expect(text).not.toContain(canary);
    expect(lines[0]).toMatchObject({
      errorName: 'TypeError',
      code: 'E_BAD',
      errorStack: expect.stringContaining('logger.test.ts'),
    });
  });

  it('prints the frames of its causes, and never their messages', () => {
    const error = new Error(canary, { cause: new RangeError(canary, { cause: canary }) });
    const { text, lines } = recorded((log) => log.error('failed', { error }));
    expect(text).not.toContain(canary);
    expect(lines[0]).toMatchObject({ errorStack: expect.stringContaining('caused by RangeError') });
  });

  it('prints nothing of a thrown value that is no error', () => {
    const { text, lines } = recorded((log) => log.error('failed', { error: canary }));
    expect(text).not.toContain(canary);
    expect(lines[0]).toMatchObject({ errorName: 'string' });
  });

  it('prints no event that is a sentence', () => {
    const { text, lines } = recorded((log) => log.info(`hello ${canary}`));
    expect(text).not.toContain(canary);
    expect(lines[0]).toMatchObject({ event: 'unnamed-event' });
  });

  it('cuts long values', () => {
    const { lines } = recorded((log) => log.info('long', { line: 'x'.repeat(10_000) }));
    expect(lines[0]?.line).toHaveLength(2_000);
  });
});
