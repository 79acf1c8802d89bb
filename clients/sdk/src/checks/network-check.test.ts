import { describe, expect, test } from 'vitest';
import type { GatheredCandidate, Gathering } from '../platform.ts';
import { ManualTimers, settle } from '../testing/manual-timers.ts';
import { NetworkCheck } from './network-check.ts';

class FakeGathering implements Gathering {
  onCandidate: Gathering['onCandidate'] = () => undefined;
  closed = false;
  start = async (): Promise<void> => undefined;
  close = (): void => {
    this.closed = true;
  };
  find(candidate: GatheredCandidate | undefined): void {
    this.onCandidate(candidate);
  }
}

const setUp = () => {
  const timers = new ManualTimers();
  const gathering = new FakeGathering();
  const check = new NetworkCheck({ iceServers: [], platform: { timers, gather: () => gathering } });
  return { timers, gathering, check };
};

describe('NetworkCheck', () => {
  test('UDP is the best there is, so that nothing more is waited for', async () => {
    const { check, gathering } = setUp();
    const result = check.run();
    gathering.find({ type: 'relay', relayProtocol: 'tls' });
    gathering.find({ type: 'relay', relayProtocol: 'udp' });
    expect([await result, check.best, gathering.closed]).toEqual([{ passed: true }, 'udp', true]);
  });

  test('where UDP is dropped it is not waited for longer than three seconds', async () => {
    const { check, gathering, timers } = setUp();
    const result = check.run();
    gathering.find({ type: 'host' });
    gathering.find({ type: 'relay', url: 'turns:visits.example.org:443?transport=tcp' });
    await settle();
    await timers.advance(2_999);
    expect(gathering.closed).toBe(false);
    await timers.advance(1);
    expect([await result, check.best]).toEqual([{ passed: true }, 'tls']);
  });

  test('browsers that do not name the transport name the server', async () => {
    const { check, gathering } = setUp();
    const result = check.run();
    gathering.find({ type: 'relay', url: 'turn:192.0.2.1:3478?transport=tcp' });
    gathering.find(undefined);
    expect([await result, check.best]).toEqual([{ passed: true }, 'tcp']);
  });

  test('nothing through: told, once every way was tried', async () => {
    const { check, gathering } = setUp();
    const result = check.run();
    gathering.find(undefined);
    expect([await result, gathering.closed]).toEqual([{ passed: false, code: 'network_blocked' }, true]);
  });

  test('a browser that cannot gather lets go of what it began', async () => {
    const { check, gathering } = setUp();
    gathering.start = () => Promise.reject(new Error('no'));
    expect([await check.run(), gathering.closed]).toEqual([{ passed: false, code: 'network_blocked' }, true]);
  });
});
