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

  it.each(['debug', 'info', 'warn', 'error'] as const)('%s prints no field that is not listed', (level) => {
    expect(recorded((log) => log[level]('something', smuggled({ count: 1 }))).text).not.toContain(canary);
  });

  it('prints no field that is not listed of a child', () => {
    expect(recorded((log) => log.child(smuggled({ roomId: 'r' })).info('something')).text).not.toContain(canary);
  });

  it('prints no object under a listed name', () => {
    const fields: Record<string, unknown> = { reason: { text: canary }, state: [canary] };
    expect(recorded((log) => log.info('something', fields as object)).text).not.toContain(canary);
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
    const { lines } = recorded((log) => log.info('long', { reason: 'x'.repeat(10_000) }));
    expect(lines[0]?.reason).toHaveLength(2_000);
  });
});
