import { MediaNodeId, type NodeAnnouncement } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { Placement } from './placement.ts';

const announcement = (nodeId: string, change: Partial<NodeAnnouncement> = {}): NodeAnnouncement => ({
  nodeId: MediaNodeId.parse(nodeId),
  incarnation: '00000000-0000-4000-8000-000000000001',
  state: 'up',
  rooms: 0,
  peers: 0,
  load: 0,
  routerRtpCapabilities: { codecs: [] },
  ...change,
});
const AGAIN = { incarnation: '00000000-0000-4000-8000-000000000002' };

const setUp = () => {
  const told: string[] = [];
  const time = { now: 0 };
  const placement = new Placement({
    clock: () => time.now,
    deadAfterMs: 3_000,
    listener: {
      nodeUp: ({ nodeId }) => told.push(`up ${nodeId}`),
      nodeLost: ({ nodeId, incarnation }) => told.push(`lost ${nodeId} ${incarnation.at(-1)}`),
      nodeChanged: () => undefined,
    },
  });
  return { placement, told, time };
};

describe('Placement', () => {
  it('takes the least loaded node that is up', () => {
    const { placement } = setUp();
    expect(placement.pick()).toBeUndefined();
    placement.announced(announcement('a', { load: 0.5 }));
    placement.announced(announcement('b', { load: 0.1, peers: 9 }));
    placement.announced(announcement('c', { load: 0.12, peers: 2 }));
    placement.announced(announcement('d', { state: 'draining' }));
    expect(placement.pick()?.nodeId).toBe('c');
  });

  it('MED6: three seconds of silence, a word of farewell and a new incarnation are each the end of what was there', () => {
    const { placement, told, time } = setUp();
    placement.announced(announcement('a'));
    placement.announced(announcement('b'));
    for (time.now = 500; time.now <= 3_000; time.now += 500) {
      if (time.now === 1_500) placement.announced(announcement('b'));
      placement.sweep();
    }
    expect(told).toEqual(['up a', 'up b']);
    time.now = 3_500;
    placement.sweep();
    expect(told.splice(0)).toEqual(['up a', 'up b', 'lost a 1']);
    placement.announced(announcement('b', AGAIN));
    expect(told.splice(0)).toEqual(['lost b 1', 'up b']);
    placement.announced(announcement('b', { state: 'gone' }));
    expect(told).toEqual([]);
    placement.announced(announcement('b', { ...AGAIN, state: 'gone' }));
    expect(told).toEqual(['lost b 2']);
    expect(placement.hasNode).toBe(false);
  });

  it('blames no node for the time in which this process itself stood still', () => {
    const { placement, told, time } = setUp();
    placement.announced(announcement('a'));
    time.now = 60_000;
    placement.sweep();
    expect(told).toEqual(['up a']);
  });

  it('keeps the rooms of a draining node and gives it no new ones', () => {
    const { placement, told } = setUp();
    placement.announced(announcement('a'));
    placement.announced(announcement('a', { state: 'draining' }));
    expect(told).toEqual(['up a']);
    expect(placement.isAlive(announcement('a'))).toBe(true);
    expect(placement.pick()).toBeUndefined();
    placement.announced(announcement('a'));
    expect(told).toEqual(['up a', 'up a']);
  });

  it('knows a bounded number of nodes', () => {
    const { placement } = setUp();
    for (let n = 0; n < 300; n += 1) placement.announced(announcement(`n${n}`));
    expect(placement.isAlive(announcement('n255'))).toBe(true);
    expect(placement.isAlive(announcement('n256'))).toBe(false);
  });
});
