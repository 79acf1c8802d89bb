import { ConfigError } from '@bedside/kit';
import { createWorker, type types } from 'mediasoup';
import { routerCodecs } from './codecs.ts';
import type { MediaServerConfig } from './config.ts';
import { withEnv } from './env.ts';
import { type CpuSample, loadBetween } from './load.ts';

/** Where a worker takes media: the IP address or host name that clients are told, and its UDP port. */
export interface MediaAddress {
  readonly address: string;
  readonly port: number;
}

/** A worker process with the server through which all its transports are reached. */
export class MediaWorker {
  readonly index: number;
  readonly webRtcServer: types.WebRtcServer;
  readonly address: MediaAddress;
  readonly #worker: types.Worker;
  /** Rooms on it, those being opened included. Kept by the pool. */
  rooms = 0;
  #load = 0;
  #sample: CpuSample;

  private constructor(options: {
    index: number;
    worker: types.Worker;
    webRtcServer: types.WebRtcServer;
    address: MediaAddress;
    sample: CpuSample;
  }) {
    this.index = options.index;
    this.#worker = options.worker;
    this.webRtcServer = options.webRtcServer;
    this.address = options.address;
    this.#sample = options.sample;
  }

  /** Throws `ConfigError` when the binary cannot be run or the port cannot be had. */
  static async start(config: MediaServerConfig, index: number): Promise<MediaWorker> {
    const worker = await spawn(config);
    try {
      const webRtcServer = await listen(worker, config, index);
      const [address, sample] = await Promise.all([addressOf(webRtcServer, config), sampleOf(worker)]);
      return new MediaWorker({ index, worker, webRtcServer, address, sample });
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  get pid(): number {
    return this.#worker.pid;
  }

  /** Share of a core used between the last two measurements, 0..1. */
  get load(): number {
    return this.#load;
  }

  get closed(): boolean {
    return this.#worker.closed;
  }

  /** Called once when the process ends unasked. */
  onDied(listener: () => void): void {
    this.#worker.once('died', listener);
  }

  createRouter(): Promise<types.Router> {
    return this.#worker.createRouter({ mediaCodecs: routerCodecs() });
  }

  async measure(): Promise<void> {
    const sample = await sampleOf(this.#worker);
    this.#load = loadBetween(this.#sample, sample);
    this.#sample = sample;
  }

  /** What the process itself holds. */
  dump(): Promise<types.WorkerDump> {
    return this.#worker.dump();
  }

  /** Resolves when the process is gone, so that its ports can be had again. */
  async close(): Promise<void> {
    if (this.#worker.subprocessClosed) return;
    const gone = new Promise((resolve) => this.#worker.once('subprocessclose', () => resolve(undefined)));
    this.#worker.close();
    await gone;
  }
}

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/**
 * mediasoup closes its workers itself on SIGINT and SIGTERM. Here the process's own lifecycle decides when media ends
 * (others are told first, and a node may drain for long), so those handlers are taken away again.
 */
const spawn = async (config: MediaServerConfig): Promise<types.Worker> => {
  const before = stopSignals.map((signal) => process.listeners(signal));
  const creating = withEnv(config.workerEnv, () =>
    createWorker({
      logLevel: 'warn',
      ...(config.workerBin === undefined ? {} : { workerBin: config.workerBin }),
    }),
  );
  stopSignals.forEach((signal, index) => {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.includes(listener) !== true) process.removeListener(signal, listener);
    }
  });
  try {
    return await creating;
  } catch (cause) {
    const where = config.workerBin === undefined ? 'the one of the mediasoup package' : 'the one it names';
    throw Object.assign(
      new ConfigError([
        `MEDIASOUP_WORKER_BIN: the media worker (${where}) could not be started; set it to a mediasoup-worker that runs on this machine`,
      ]),
      { cause },
    );
  }
};

const listen = async (worker: types.Worker, config: MediaServerConfig, index: number): Promise<types.WebRtcServer> => {
  const port = config.portBase === undefined ? undefined : config.portBase + index;
  const info = {
    ip: config.listenIp,
    ...(config.announcedAddress === undefined ? {} : { announcedAddress: config.announcedAddress }),
    ...(port === undefined ? {} : { port }),
  };
  try {
    return await worker.createWebRtcServer({
      listenInfos: [
        { ...info, protocol: 'udp' },
        { ...info, protocol: 'tcp' },
      ],
    });
  } catch (cause) {
    const problem =
      port === undefined
        ? 'BEDSIDE_MEDIA_LISTEN_IP: the media server cannot listen on this address; set it to an address of this machine'
        : `BEDSIDE_MEDIA_PORT_BASE: the media server cannot listen on port ${port} (UDP and TCP); free it, choose another base, or check BEDSIDE_MEDIA_LISTEN_IP`;
    throw Object.assign(new ConfigError([problem]), { cause });
  }
};

/** The port is asked for, since it may have been left to the system. */
const addressOf = async (webRtcServer: types.WebRtcServer, config: MediaServerConfig): Promise<MediaAddress> => {
  const { udpSockets } = await webRtcServer.dump();
  const port = udpSockets[0]?.port;
  if (port === undefined) throw new Error('The media worker listens on no UDP port.');
  return { address: config.announcedAddress ?? config.listenIp, port };
};

const sampleOf = async (worker: types.Worker): Promise<CpuSample> => {
  const usage = await worker.getResourceUsage();
  return { cpuMs: usage.ru_utime + usage.ru_stime, atMs: performance.now() };
};
