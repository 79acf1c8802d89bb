import { ConfigError } from '@bedside/kit';
import { describe, expect, it } from 'vitest';
import { mediaServerConfig } from './config.ts';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    mediaServerConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('mediaServerConfig', () => {
  it('needs nothing to be set, and is frozen', () => {
    const config = mediaServerConfig({});
    expect(config).toMatchObject({ nodeId: 'local', listenIp: '127.0.0.1', portBase: undefined, workerBin: undefined });
    expect(config.workers).toBeGreaterThan(0);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every problem at once', () => {
    const problems = problemsOf({
      BEDSIDE_MEDIA_NODE_ID: 'a.b',
      BEDSIDE_MEDIA_WORKERS: '0',
      MEDIASOUP_WORKER_BIN: 'worker',
      BEDSIDE_MEDIA_LISTEN_IP: 'localhost',
      BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: 'a b',
      BEDSIDE_MEDIA_PORT_BASE: '70000',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'BEDSIDE_MEDIA_NODE_ID',
      'BEDSIDE_MEDIA_WORKERS',
      'MEDIASOUP_WORKER_BIN',
      'BEDSIDE_MEDIA_LISTEN_IP',
      'BEDSIDE_MEDIA_ANNOUNCED_ADDRESS',
      'BEDSIDE_MEDIA_PORT_BASE',
    ]);
  });

  it('wants an address to announce when it listens on every one', () => {
    expect(problemsOf({ BEDSIDE_MEDIA_LISTEN_IP: '0.0.0.0' })).toEqual([
      expect.stringContaining('BEDSIDE_MEDIA_ANNOUNCED_ADDRESS'),
    ]);
    expect(
      problemsOf({ BEDSIDE_MEDIA_LISTEN_IP: '0.0.0.0', BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: 'visits.example.org' }),
    ).toEqual([]);
  });

  it('wants a port for every worker', () => {
    expect(problemsOf({ BEDSIDE_MEDIA_PORT_BASE: '65535', BEDSIDE_MEDIA_WORKERS: '1' })).toEqual([]);
    expect(problemsOf({ BEDSIDE_MEDIA_PORT_BASE: '65535', BEDSIDE_MEDIA_WORKERS: '2' })).toEqual([
      expect.stringContaining('BEDSIDE_MEDIA_PORT_BASE'),
    ]);
  });
});
