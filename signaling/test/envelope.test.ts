import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES } from './support/fake-media-node.ts';
import { Harness, newPatient, newProvider, newVisit } from './support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const closedBy = async (frame: string | Buffer) => {
  const client = await harness.connect();
  client.socket.send(frame);
  return client.closed;
};

describe('the envelope', () => {
  it('ENV1: a binary frame closes with 4400 message_malformed', async () => {
    const frame = Buffer.from(JSON.stringify({ v: 1, id: 1, type: 'hello' }));
    expect(await closedBy(frame)).toEqual({ code: 4400, reason: 'message_malformed' });
  });

  it('ENV2: another version closes with 4400 message_unsupported_version', async () => {
    for (const v of [0, 2, 1.5]) {
      const frame = JSON.stringify({ v, id: 1, type: 'hello' });
      expect(await closedBy(frame)).toEqual({ code: 4400, reason: 'message_unsupported_version' });
    }
  });

  it('ENV3: a frame of more than 64 KiB closes with 1009; one of exactly 64 KiB is read', async () => {
    const frame = (bytes: number) => `{"v":1,"id":9,"type":"hello","data":"${'x'.repeat(bytes - 39)}"}`;
    expect(Buffer.byteLength(frame(65_536))).toBe(65_536);
    expect((await closedBy(frame(65_537))).code).toBe(1009);
    const client = await harness.connect();
    client.send(frame(65_536));
    expect(await client.outcome('leave')).toBe('hello_required');
  });

  it('ENV4 ENV10: what is no JSON, no request, or has a field too many closes with 4400 message_malformed', async () => {
    const bad = [
      '',
      'null',
      '[]',
      '{',
      '"hello"',
      '{"v":1}',
      '{"v":"1","id":1,"type":"hello"}',
      '{"v":1,"id":0,"type":"hello"}',
      '{"v":1,"id":1,"type":7}',
      '{"v":1,"id":1,"type":"hello","admin":true}',
      '\u0000',
      '['.repeat(60_000),
    ];
    for (const frame of bad)
      expect(await closedBy(frame), frame.slice(0, 50)).toEqual({ code: 4400, reason: 'message_malformed' });
  });

  it('ENV5 ENV10: an unknown type and unfit data are answered, change nothing, and leave the connection open', async () => {
    const { client } = await harness.enter(newVisit(), newPatient());
    for (const type of ['fly', '__proto__', 'constructor', 'toString']) {
      expect(await client.outcome(type)).toBe('message_unknown_type');
    }
    expect(await client.outcome('ready', { rtpCapabilities: { codecs: 'secret-value' } })).toBe('message_invalid');
    expect(client.frames.at(-1)).toContain('data.rtpCapabilities.codecs');
    expect(client.frames.at(-1)).not.toContain('secret-value');
    expect(await client.outcome('ready', { rtpCapabilities: CAPABILITIES, admitted: true })).toBe('message_invalid');
    expect(await client.outcome('chat', { clientMessageId: 'no-uuid', text: 'x' })).toBe('message_invalid');
    expect(client.all('room')).toHaveLength(0);
  });

  it('ENV6: requests are handled in order and each is answered once, while core is slow for one of them', async () => {
    await using own = await Harness.start();
    const visit = newVisit();
    const host = await own.provider(visit);
    const elsewhere = await own.provider(newVisit());
    const before = host.client.frames.length;
    const gate = own.core.hold('sendMessage');
    const chat = host.client.request('chat', { clientMessageId: randomUUID(), text: 'one' });
    const mute = host.client.outcome('mute', { personId: newPatient().personId, source: 'camera' });
    await own.core.calls.find(({ method }) => method === 'sendMessage');
    // Another connection does not wait for it.
    expect(await elsewhere.client.outcome('admit', { personId: newPatient().personId })).toBe('participant_unknown');
    expect(host.client.frames.length).toBe(before);
    gate.open();
    await chat;
    expect(await mute).toBe('participant_unknown');
    const replies = host.client.frames
      .slice(before)
      .map((frame) => JSON.parse(frame))
      .filter(({ re }) => re !== undefined);
    expect(replies.map(({ re }) => re)).toEqual([...replies.map(({ re }) => re)].sort((one, other) => one - other));
    expect(replies).toHaveLength(2);
  });

  it('ENV8: the 51st request in a second closes with 4429', async () => {
    const { client } = await harness.enter(newVisit(), newPatient());
    // The hello was the first. So many at once may wait for each other: nothing but the rate ends them.
    for (let sent = 1; sent <= 50; sent += 1) client.send({ v: 1, id: 1_000 + sent, type: 'fly' });
    expect(await client.closed).toEqual({ code: 4429, reason: 'too_many_messages' });
  });

  it('ENV8: 10,000 messages as fast as possible close with 4429, and another room notices nothing', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    const flooder = await harness.enter(newVisit(), newPatient());
    const frame = JSON.stringify({ v: 1, id: 7, type: 'fly' });
    for (let sent = 0; sent < 10_000; sent += 1) flooder.client.send(frame);
    const text = 'still here';
    await host.client.request('chat', { clientMessageId: randomUUID(), text });
    expect((await patient.client.next('chat', (message) => message.text === text)).senderId).toBe(host.who.personId);
    expect(await flooder.client.closed).toEqual({ code: 4429, reason: 'too_many_messages' });
    await patient.client.request('chat', { clientMessageId: randomUUID(), text: 'me too' });
    await host.client.next('chat', (message) => message.text === 'me too');
    expect([host, patient].map(({ client }) => client.socket.readyState)).toEqual([1, 1]);
  });

  it('ENV9: a slow reader is closed with 4430 and cut off, and the others get everything', async () => {
    await using own = await Harness.start({ timings: { closeTimeoutMs: 50 } });
    const visit = newVisit();
    const host = await own.provider(visit);
    const slow = await own.patient(visit);
    slow.client.socket.pause();
    const gone = host.client.next('room', (room) => room.others.some((other) => !other.connected));
    let lost = false;
    void gone.then(() => {
      lost = true;
    });
    let sent = 0;
    while (!lost && sent < 20_000) {
      const message = own.core.store(visit.encounterId, host.who.personId, 'x'.repeat(4_000));
      own.core.publish({ type: 'message', encounterId: visit.encounterId, message });
      sent += 1;
      await host.client.next('chat', ({ seq }) => seq === message.seq, host.client.events.items.length - 2);
    }
    await gone;
    expect(sent).toBeLessThan(20_000);
    expect(host.client.all('chat')).toHaveLength(sent);
    const closes = await own.registry.getSingleMetric('bedside_signaling_closes_total')?.get();
    expect(closes?.values).toMatchObject([{ labels: { reason: 'too_slow' }, value: 1 }]);
    slow.client.socket.resume();
    expect([4430, 1006]).toContain((await slow.client.closed).code);
  }, 30_000);

  it('ENV4 ENV5: a fuzz of frames ends in an answer or a close code, and the server lives on', async () => {
    const visit = newVisit();
    const witness = await harness.provider(visit);
    const types = ['hello', 'ready', 'leave', 'admit', 'mute', 'chat', 'media.produce', 'media.resume', 'fly'];
    const data = fc.oneof(
      fc.jsonValue(),
      fc.record({ encounterId: fc.oneof(fc.uuid(), fc.string()), grant: fc.string() }),
      fc.record({ personId: fc.uuid(), source: fc.constantFrom('camera', 'nose') }),
      fc.record({ rtpCapabilities: fc.record({ codecs: fc.array(fc.jsonValue()) }) }),
    );
    const frame = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ v: fc.constantFrom(1, 2, '1'), id: fc.integer(), type: fc.constantFrom(...types), data })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 20 }), fc.boolean(), async (frames, opened) => {
        const client = opened ? (await harness.enter(newVisit(), newProvider())).client : await harness.connect();
        for (const text of frames) client.socket.send(text);
        client.socket.close();
        const { code } = await client.closed;
        expect([1000, 1005, 4400, 4401, 4404]).toContain(code);
        for (const said of client.frames) expect(said).not.toContain('"internal"');
      }),
      { seed: 20_261_122, numRuns: 150 },
    );
    expect(await witness.client.outcome('admit', { personId: newPatient().personId })).toBe('participant_unknown');
  }, 30_000);
});
