import type { types } from 'mediasoup-client';
import { describe, expect, test } from 'vitest';
import { VisitError } from '../errors.ts';
import { FakePlatform } from '../testing/fake-platform.ts';
import { IceKeeper } from './ice-keeper.ts';
import type { Request } from './publisher.ts';

const setUp = (answer: () => Promise<unknown>) => {
  const platform = new FakePlatform();
  const seen = { asked: 0, restarted: 0, gaveUp: 0 };
  const transport = {
    id: 't',
    connectionState: 'failed' as types.ConnectionState,
    restartIce: async () => {
      seen.restarted += 1;
    },
  };
  const keeper = new IceKeeper({
    transport: transport as unknown as types.Transport,
    platform,
    request: (() => {
      seen.asked += 1;
      return answer();
    }) as unknown as Request,
    gaveUp: () => {
      seen.gaveUp += 1;
    },
  });
  return { platform, keeper, seen, transport };
};

const granted = async () => ({ iceParameters: { usernameFragment: 'u', password: 'p' } });
const lost = () => Promise.reject(new VisitError('connection_lost'));

describe('IceKeeper', () => {
  test('leaves a short gap alone and restarts after a longer one', async () => {
    const { platform, keeper, seen } = setUp(granted);
    keeper.stateChanged('disconnected');
    await platform.timers.advance(1_000);
    keeper.stateChanged('connected');
    await platform.timers.advance(60_000);
    expect(seen.asked).toBe(0);
    keeper.stateChanged('disconnected');
    await platform.timers.advance(1_500);
    expect(seen).toMatchObject({ asked: 1, restarted: 1 });
  });

  test('gives up after five restarts that led nowhere', async () => {
    const { platform, keeper, seen } = setUp(granted);
    keeper.stateChanged('failed');
    await platform.timers.advance(120_000);
    expect(seen).toMatchObject({ asked: 5, gaveUp: 1 });
  });

  test('does not count tries for which there was no socket', async () => {
    const { platform, keeper, seen } = setUp(lost);
    keeper.stateChanged('failed');
    await platform.timers.advance(120_000);
    expect(seen.asked).toBeGreaterThan(5);
    expect(seen.gaveUp).toBe(0);
  });

  test('tries at once when the socket is back, but leaves a path that works alone', async () => {
    const { platform, keeper, seen, transport } = setUp(granted);
    transport.connectionState = 'connected';
    keeper.restartNow();
    await platform.timers.advance(0);
    expect(seen.asked).toBe(0);
    transport.connectionState = 'disconnected';
    keeper.restartNow();
    await platform.timers.advance(0);
    expect(seen.asked).toBe(1);
  });

  test('is silent once closed', async () => {
    const { platform, keeper, seen } = setUp(granted);
    keeper.stateChanged('failed');
    keeper.close();
    await platform.timers.advance(60_000);
    expect(seen.asked).toBe(0);
    expect(platform.timers.pending).toBe(0);
  });
});
