import { randomUUID } from 'node:crypto';
import { unhurriedMs } from '@bedside/kit/pace';
import type { ChatMessage, EncounterId } from '@bedside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bedside, startBedside } from '../src/bedside.ts';
import { type HttpPerson, meetByHttp, signInByHttp } from '../src/http-person.ts';
import { openRawSignaling, type RawSignaling } from '../src/raw-signaling.ts';

const FLOOD_FRAMES = 10_000;
/** A chat message that takes longer while somebody floods is something that others notice. */
const UNNOTICED_MS = 1_000;

const disposables = new AsyncDisposableStack();
let bedside: Bedside;
let attacker: HttpPerson;
let attackersVisit: EncounterId;
let guest: RawSignaling;
let host: RawSignaling;
let lastSeq = 0;

beforeAll(async () => {
  bedside = disposables.use(await startBedside());
  const patient = await signInByHttp(bedside.origin, 'Ruth Lindqvist');
  const provider = await signInByHttp(bedside.origin, 'Dr. Amara Okafor');
  const { encounterId } = await patient.nextVisit();
  ({ guest, host } = await meetByHttp({ patient, provider, encounterId }));
  attacker = await signInByHttp(bedside.origin, 'Darnell Brooks');
  attackersVisit = (await attacker.nextVisit()).encounterId;
});
afterAll(() => disposables.disposeAsync());

/** The guest writes, the host reads: the message comes, is the next of the thread, and comes soon. */
const writeAndRead = async (text: string): Promise<void> => {
  const startedAt = performance.now();
  const read = host.heardEvent('chat', (data) => (data as ChatMessage).text === text);
  expect(await guest.ask('chat', { clientMessageId: randomUUID(), text })).toMatchObject({ ok: true });
  expect(await read).toMatchObject({ seq: lastSeq + 1, text });
  lastSeq += 1;
  expect(unhurriedMs(startedAt)).toBeLessThan(UNNOTICED_MS);
};

const request = (type: string, data: unknown = {}, id = 1): string => JSON.stringify({ v: 1, id, type, data });

describe('before a word was agreed', () => {
  test.each([
    { rule: 'ENV4', what: 'no JSON', frame: 'GET / HTTP/1.1', code: 4400, reason: 'message_malformed' },
    { rule: 'ENV4', what: 'no envelope', frame: '[1,2,3]', code: 4400, reason: 'message_malformed' },
    { rule: 'ENV4', what: 'nested too deep', frame: '['.repeat(60_000), code: 4400, reason: 'message_malformed' },
    { rule: 'ENV1', what: 'binary', frame: Buffer.from(request('hello')), code: 4400, reason: 'message_malformed' },
    {
      rule: 'ENV2',
      what: 'another version',
      frame: '{"v":2,"id":1,"type":"hello","data":{}}',
      code: 4400,
      reason: 'message_unsupported_version',
    },
    { rule: 'ENV3', what: 'oversize', frame: request('hello', { pad: 'x'.repeat(65_536) }), code: 1009, reason: '' },
    { rule: 'SES1', what: 'another order', frame: request('media.resume'), code: 4400, reason: 'hello_required' },
    { rule: 'SES1', what: 'an unknown type', frame: request('own.everything'), code: 4400, reason: 'hello_required' },
  ])('$rule $what closes with $code $reason, and others notice nothing', async ({ frame, code, reason }) => {
    const connection = await attacker.connect();
    connection.send(frame);
    const closed = await connection.closed;
    expect(closed.code).toBe(code);
    if (reason !== '') expect(closed.reason).toContain(reason);
    await writeAndRead(`after ${code} ${reason} ${randomUUID()}`);
  });
});

describe('in a session', () => {
  test('ENV5 SES2 WAIT2 what is unknown, unfit or out of order is answered and changes nothing', async () => {
    const connection = await attacker.hello(attackersVisit);
    expect(await connection.ask('own.everything', {})).toMatchObject({ ok: false, code: 'message_unknown_type' });
    expect(await connection.ask('ready', { rtpCapabilities: 'all' })).toMatchObject({
      ok: false,
      code: 'message_invalid',
    });
    expect(await connection.ask('hello', { encounterId: attackersVisit, grant: 'a.b.c' })).toMatchObject({
      ok: false,
      code: 'message_out_of_order',
    });
    expect(await connection.ask('media.resume', { consumerIds: [randomUUID()] })).toMatchObject({
      ok: false,
      code: 'not_in_visit',
    });
    expect(await connection.ask('ready', { rtpCapabilities: { codecs: [] } })).toMatchObject({ ok: true });
    connection.close();
    await connection.closed;
  });

  test('ENV8 10,000 messages as fast as possible close with 4429, and another visit chats on meanwhile', async () => {
    const connection = await attacker.hello(attackersVisit);
    for (let id = 100; id < 100 + FLOOD_FRAMES; id += 1) connection.send(request('ready', { id }, id));
    for (let count = 0; count < 5; count += 1) await writeAndRead(`during the flood ${count}`);
    const closed = await connection.closed;
    expect(closed.code).toBe(4429);
    expect(closed.reason).toContain('too_many_messages');
  });

  test('SES1 ENV8 a hundred connections that say nothing but noise are closed, and another visit chats on meanwhile', async () => {
    const noise = Array.from({ length: 100 }, async (_, index) => {
      const connection = await openRawSignaling({ origin: bedside.origin, cookie: attacker.cookie });
      for (let count = 0; count < 100; count += 1) connection.send(index % 2 === 0 ? 'noise' : request('chat'));
      return connection.closed;
    });
    for (let count = 0; count < 5; count += 1) await writeAndRead(`during the noise ${count}`);
    for (const { code } of await Promise.all(noise)) expect([4400, 4429]).toContain(code);
  });
});

test('after all of it Bedside is ready, and the visit has every word in order', async () => {
  expect((await fetch(`${bedside.origin}/readyz`)).status).toBe(200);
  const seqs = host.heard
    .map((text) => JSON.parse(text) as { event?: string; data?: ChatMessage })
    .flatMap(({ event, data }) => (event === 'chat' && data ? [data.seq] : []));
  expect(seqs).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1));
});
