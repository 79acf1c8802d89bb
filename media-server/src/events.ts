import { Counter, Gauge, Histogram, LATENCY_BUCKETS_SECONDS, type Logger, type Registry } from '@bedside/kit';
import { AppError, type MediaKind, type MediaNodeId, type PeerId, type RoomId } from '@bedside/protocol';

/** How many of each thing there are at present. */
export interface MediaCounts {
  readonly rooms: number;
  readonly peers: number;
  readonly producers: Readonly<Record<MediaKind, number>>;
  readonly consumers: number;
}

interface WorkerFacts {
  readonly index: number;
  readonly pid: number;
}

/** What happens on a media node, each told to log and metrics at once. */
export interface MediaEvents {
  workerStarted(worker: WorkerFacts & { port: number }): void;
  workerDied(worker: WorkerFacts & { rooms: number }): void;
  workerRestartFailed(failure: { index: number; attempt: number; error: unknown }): void;
  workerLoad(worker: { index: number; load: number }): void;
  roomOpened(room: { roomId: RoomId; epoch: number }): void;
  roomClosed(room: { roomId: RoomId; epoch: number; reason: string }): void;
  peerOpened(peer: { roomId: RoomId; peerId: PeerId; durationMs: number }): void;
  /** A stream that one peer was to get from another could not be handed on. */
  consumeFailed(peer: { roomId: RoomId; peerId: PeerId; error: unknown }): void;
  command(command: { name: string; code: string; durationMs: number; error?: unknown }): void;
}

/** `counts` is asked when metrics are scraped. */
export const createMediaEvents = (options: {
  nodeId: MediaNodeId;
  log: Logger;
  registry: Registry;
  counts: () => MediaCounts;
}): MediaEvents => {
  const log = options.log.child({ nodeId: options.nodeId });
  const registers = [options.registry];
  const gauge = (name: string, help: string, read: (counts: MediaCounts) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(options.counts()));
      },
    });
  gauge('bedside_media_rooms', 'Rooms open on this node', (counts) => counts.rooms);
  gauge('bedside_media_peers', 'Participants on this node', (counts) => counts.peers);
  gauge('bedside_media_consumers', 'Streams sent to participants', (counts) => counts.consumers);
  new Gauge({
    name: 'bedside_media_producers',
    help: 'Streams received from participants',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const [kind, count] of Object.entries(options.counts().producers)) this.set({ kind }, count);
    },
  });
  const load = new Gauge({
    name: 'bedside_media_worker_load_ratio',
    help: 'Share of a core that a worker used in the last interval',
    labelNames: ['worker'],
    registers,
  });
  const died = new Counter({ name: 'bedside_media_workers_died_total', help: 'Workers that ended unasked', registers });
  const lost = new Counter({ name: 'bedside_media_rooms_lost_total', help: 'Rooms lost with their worker', registers });
  const commands = new Histogram({
    name: 'bedside_media_command_seconds',
    help: 'Time to carry out a command from the bus',
    labelNames: ['command', 'code'],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers,
  });

  return {
    workerStarted: ({ index, pid, port }) => log.info('media-worker-started', { count: index, workerPid: pid, port }),
    workerDied: ({ index, pid, rooms }) => {
      died.inc();
      lost.inc(rooms);
      load.set({ worker: index }, 0);
      log.error('media-worker-died', { workerPid: pid, count: rooms });
    },
    workerRestartFailed: ({ attempt, error }) => log.error('media-worker-restart-failed', { attempt, error }),
    workerLoad: (worker) => load.set({ worker: worker.index }, worker.load),
    roomOpened: (room) => log.info('media-room-opened', room),
    roomClosed: (room) => log.info('media-room-closed', room),
    peerOpened: (peer) => log.info('media-peer-opened', peer),
    consumeFailed: (peer) => log.error('media-consume-failed', peer),
    command: ({ name, code, durationMs, error }) => {
      commands.observe({ command: name, code }, durationMs / 1000);
      if (code === 'internal' || code === 'media_unavailable')
        log.error('media-command-failed', { method: name, code, error });
      else if (code !== 'ok')
        log.info('media-command-refused', {
          method: name,
          code,
          reason: error instanceof AppError ? error.detail : undefined,
        });
    },
  };
};
