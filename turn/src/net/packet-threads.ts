import { Worker } from 'node:worker_threads';
import { backoffMs } from '@bedside/protocol';
import { MAX_CREDENTIAL_ENTRIES } from '../relay/config.ts';
import { type LoopStats, sumStats } from './loop-stats.ts';
import type {
  CredentialCall,
  FromThread,
  ListenAddress,
  ThreadCall,
  ThreadConfig,
  ThreadReply,
} from './thread-messages.ts';

const REPLY_TIMEOUT_MS = 2_000;
const RESTART = { baseMs: 100, maxMs: 5_000 } as const;

interface Thread {
  readonly worker: Worker;
  readonly listening: readonly ListenAddress[];
  readonly waiting: Map<number, (reply: ThreadReply | undefined) => void>;
}

export interface PacketThreadsOptions {
  readonly count: number;
  readonly config: ThreadConfig;
  readonly random: () => number;
  /** A thread died and another takes its place; its allocations are lost and clients make new ones. */
  readonly onLost: (error: unknown) => void;
}

/** Starts one thread and waits until it listens. Throws why it does not. */
const startThread = async (config: ThreadConfig, onGone: (thread: Thread, error: unknown) => void): Promise<Thread> => {
  const worker = new Worker(new URL('./packet-thread.ts', import.meta.url), {
    workerData: config,
    name: 'bedside-turn',
  });
  const waiting: Thread['waiting'] = new Map();
  const { promise, resolve, reject } = Promise.withResolvers<readonly ListenAddress[]>();
  let failure: unknown;
  worker.on('message', (message: FromThread) => {
    if (message.type === 'ready') resolve(message.listening);
    else if (message.type === 'failed') reject(new Error(message.message));
    else waiting.get(message.id)?.(message.reply);
  });
  worker.on('error', (error) => {
    failure = error;
    reject(error);
  });
  const gone = new Promise<void>((resolveGone) => worker.once('exit', () => resolveGone()));
  void gone.then(() => reject(new Error('The packet thread ended before it listened.')));
  const thread: Thread = { worker, listening: await promise, waiting };
  void gone.then(() => {
    for (const answer of waiting.values()) answer(undefined);
    onGone(thread, failure);
  });
  return thread;
};

/**
 * The packet threads of a server, all on the same ports (SO_REUSEPORT; a client stays with its thread as long as its
 * connection or UDP port). One that dies is replaced. What is asked is asked of all of them.
 */
export class PacketThreads {
  readonly #options: PacketThreadsOptions;
  readonly #threads = new Set<Thread>();
  #config: ThreadConfig;
  /** What was said of each credential and still holds, so that a thread that is replaced knows it too. */
  readonly #credentialCalls = new Map<string, CredentialCall>();
  #nextId = 1;
  #closing = false;
  #restartTimer: NodeJS.Timeout | undefined;
  #attempt = 0;

  private constructor(options: PacketThreadsOptions) {
    this.#options = options;
    this.#config = { ...options.config, reusePort: options.count > 1 };
  }

  /** Throws why a thread cannot listen; then none is left. */
  static async start(options: PacketThreadsOptions): Promise<PacketThreads> {
    const threads = new PacketThreads(options);
    try {
      for (let index = 0; index < options.count; index += 1) await threads.#startOne();
    } catch (error) {
      await threads.close();
      throw error;
    }
    return threads;
  }

  /** Where the threads listen, with the ports they got. */
  get listening(): readonly ListenAddress[] {
    return this.#config.listen;
  }

  get isComplete(): boolean {
    return this.#threads.size === this.#options.count;
  }

  /** Number of allocations closed. */
  async revoke(name: string, until: number): Promise<number> {
    const replies = await this.ask({ type: 'revoke', name, until });
    return replies.reduce((sum, reply) => sum + reply.revoked, 0);
  }

  async stats(): Promise<LoopStats> {
    return sumStats((await this.ask({ type: 'stats' })).map((reply) => reply.stats));
  }

  /** Asks every thread; the answers of those that give one within two seconds. What lasts is remembered for new threads. */
  async ask(call: ThreadCall): Promise<readonly ThreadReply[]> {
    if (call.type === 'set-peers') this.#config = { ...this.#config, peers: call.peers };
    if (call.type === 'set-tls') this.#config = { ...this.#config, tls: call.material };
    if (call.type === 'revoke' || call.type === 'extend' || call.type === 'announce') this.#remember(call);
    const replies = await Promise.all([...this.#threads].map((thread) => this.#askOne(thread, call)));
    return replies.filter((reply) => reply !== undefined);
  }

  /** Ends one thread as a fault would, for drills: it is replaced like one that died by itself. */
  async crashOne(): Promise<void> {
    const [thread] = this.#threads;
    await thread?.worker.terminate();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restartTimer);
    await Promise.all(
      [...this.#threads].map(async (thread) => {
        await this.#askOne(thread, { type: 'close' });
        await thread.worker.terminate();
      }),
    );
  }

  #remember(call: CredentialCall): void {
    if (this.#credentialCalls.size >= MAX_CREDENTIAL_ENTRIES) {
      const [oldest] = this.#credentialCalls.keys();
      if (oldest !== undefined) this.#credentialCalls.delete(oldest);
    }
    const key = `${call.type} ${call.type === 'announce' ? call.username : call.name}`;
    this.#credentialCalls.delete(key);
    this.#credentialCalls.set(key, call);
  }

  async #startOne(): Promise<void> {
    const config = { ...this.#config, credentialCalls: [...this.#credentialCalls.values()] };
    const thread = await startThread(config, (gone, error) => this.#lost(gone, error));
    if (this.#closing) {
      await thread.worker.terminate();
      return;
    }
    // Ports that were left to the system are the same for all threads, and for those that replace them.
    this.#config = { ...this.#config, listen: thread.listening };
    this.#threads.add(thread);
  }

  #lost(thread: Thread, error: unknown): void {
    this.#threads.delete(thread);
    if (this.#closing) return;
    this.#options.onLost(error);
    this.#restart();
  }

  #restart(): void {
    if (this.#closing || this.isComplete || this.#restartTimer !== undefined) return;
    const delayMs = backoffMs({ attempt: this.#attempt, ...RESTART, random: this.#options.random });
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.#attempt += 1;
      this.#startOne().then(
        () => {
          this.#attempt = 0;
          this.#restart();
        },
        (error: unknown) => {
          this.#options.onLost(error);
          this.#restart();
        },
      );
    }, delayMs);
  }

  #askOne(thread: Thread, call: ThreadCall): Promise<ThreadReply | undefined> {
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<ThreadReply | undefined>();
    const timer = setTimeout(() => resolve(undefined), REPLY_TIMEOUT_MS);
    thread.waiting.set(id, resolve);
    thread.worker.postMessage({ id, call });
    return promise.finally(() => {
      clearTimeout(timer);
      thread.waiting.delete(id);
    });
  }
}
