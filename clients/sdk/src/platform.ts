import type { IceServer } from '@bedside/protocol';
import type { types } from 'mediasoup-client';

/** The part of a WebSocket that signaling uses. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'bufferedAmount' | 'onopen' | 'onmessage' | 'onclose'>;

export interface Timers {
  /** Calls `run` once after `ms`; the returned function takes it back and may be called at any time. */
  after(ms: number, run: () => void): () => void;
}

export interface Network {
  isOnline(): boolean;
  /** Returns the function that ends the subscription. */
  onChange(listener: (online: boolean) => void): () => void;
}

/** What is looked at of an `RTCIceCandidate`; each browser tells another part of it. */
export interface GatheredCandidate {
  readonly type: string | null;
  /** What a relayed one is reached over: `udp`, `tcp` or `tls`. */
  readonly relayProtocol?: string | null | undefined;
  /** The server that a relayed one was got from. */
  readonly url?: string | null | undefined;
}

/** A connection that only looks for its own addresses. */
export interface Gathering {
  /** Set by whoever listens. `undefined`: there are no more. */
  onCandidate: (candidate: GatheredCandidate | undefined) => void;
  start(): Promise<void>;
  /** Gives back what the relay had given. */
  close(): void;
}

/** Everything the SDK takes from its surroundings. Tests and embedders may put their own in its place. */
export interface Platform {
  openSocket(url: string, protocol: string): Socket;
  timers: Timers;
  network: Network;
  /** Ms since the epoch. */
  now(): number;
  /** 0 ≤ n < 1. */
  random(): number;
  uuid(): string;
  /** A fresh mediasoup-client device. Rejects with `browser_unsupported`. */
  createDevice(): Promise<types.Device>;
  createStream(): MediaStream;
  /** Looks for relayed addresses alone. */
  gather(iceServers: readonly IceServer[]): Gathering;
}
