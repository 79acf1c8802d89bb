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
}
