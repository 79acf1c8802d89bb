import { describe, expect, test } from 'vitest';
import { FakeSocket } from '../testing/fake-socket.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { ME, room } from '../testing/samples.ts';
import { REQUEST_TIMEOUT_MS, type ServerEvent, SignalingConnection } from './connection.ts';

const setUp = () => {
  const socket = new FakeSocket('ws://test.invalid');
  const timers = new ManualTimers();
  const events: ServerEvent[] = [];
  const closed: [number, string][] = [];
  const connection = new SignalingConnection({
    socket: socket.asSocket,
    timers,
    handlers: {
      opened: () => undefined,
      event: (event) => events.push(event),
      closed: (...how) => closed.push(how),
    },
  });
  return { socket, timers, events, closed, connection };
};

describe('SignalingConnection', () => {
  test('ENV1 sends versioned requests with rising ids and gives each its own answer', async () => {
    const { socket, connection } = setUp();
    const admitted = connection.request('admit', { personId: ME });
    const left = connection.request('leave', undefined);
    expect(socket.sent.map(({ id, type }) => [id, type])).toEqual([
      [1, 'admit'],
      [2, 'leave'],
    ]);
    socket.answer('leave');
    await left;
    socket.refuse('admit', 'participant_unknown');
    await expect(admitted).rejects.toMatchObject({ code: 'participant_unknown' });
  });

  test('shows a code of a newer server as internal', async () => {
    const { socket, connection } = setUp();
    const left = connection.request('leave', undefined);
    socket.refuse('leave', 'code_of_tomorrow');
    await expect(left).rejects.toMatchObject({ code: 'internal' });
  });

  test('ENV10 passes on known events and ignores unknown, unreadable and unexpected ones', () => {
    const { socket, events } = setUp();
    socket.event('room', room('ready'));
    socket.event('weather', { rain: true });
    socket.event('room', { nonsense: true });
    socket.deliver('{');
    socket.deliver({ v: 1, re: 99, ok: true });
    socket.deliver({ v: 2, event: 'room', data: room('ready') });
    expect(events.map(({ event }) => event)).toEqual(['room']);
  });

  test('takes silence for a dead path: the request fails and the connection is closed', async () => {
    const { timers, closed, connection } = setUp();
    const left = connection.request('leave', undefined);
    const failed = expect(left).rejects.toMatchObject({ code: 'request_timeout' });
    await timers.advance(REQUEST_TIMEOUT_MS);
    await failed;
    expect(closed).toEqual([[4000, 'request_timeout']]);
  });

  test('fails what is open when the connection goes, once, and what comes after', async () => {
    const { socket, timers, closed, connection } = setUp();
    const left = connection.request('leave', undefined);
    socket.drop(1006);
    socket.drop(1006);
    await expect(left).rejects.toMatchObject({ code: 'connection_lost' });
    await expect(connection.request('leave', undefined)).rejects.toMatchObject({ code: 'connection_lost' });
    expect(closed).toEqual([[1006, '']]);
    expect(timers.pending).toBe(0);
  });

  test('bounds what may wait: open requests and unsent bytes', async () => {
    const { socket, connection } = setUp();
    const open = Array.from({ length: 64 }, () => connection.request('leave', undefined).catch(() => undefined));
    await expect(connection.request('leave', undefined)).rejects.toMatchObject({ code: 'too_many_requests' });
    socket.drop();
    await Promise.all(open);
    const other = setUp();
    other.socket.bufferedAmount = 2_000_000;
    await expect(other.connection.request('leave', undefined)).rejects.toMatchObject({ code: 'too_many_requests' });
  });
});
