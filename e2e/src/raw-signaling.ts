import { randomUUID } from 'node:crypto';
import { SIGNALING_SUBPROTOCOL } from '@bedside/protocol';
import type { Page } from 'puppeteer-core';
import WebSocket from 'ws';

/** What a server said to a request, or how it closed before it answered. */
export type RawAnswer =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string }
  | { readonly closed: number; readonly reason: string };

/** A signaling connection without the SDK: says anything, and hears everything. */
export interface RawSignaling {
  /** Everything that came in, as text. */
  readonly heard: readonly string[];
  readonly closed: Promise<{ code: number; reason: string }>;
  ask(type: string, data?: unknown): Promise<RawAnswer>;
  /** The data of the first event of that name, from now on, that `matches`; rejects when the connection closes first. */
  heardEvent(name: string, matches?: (data: unknown) => boolean): Promise<unknown>;
  send(frame: string | Buffer): void;
  close(): void;
}

interface Incoming {
  readonly re?: number;
  readonly event?: string;
  readonly data?: unknown;
  readonly error?: { code: string; message: string };
}

export const sessionCookie = async (page: Page): Promise<string> => {
  const cookies = await page.browserContext().cookies();
  const session = cookies.find(({ name }) => name.endsWith('bedside_session'));
  return session === undefined ? '' : `${session.name}=${session.value}`;
};

/** `from`: the origin that a browser would name, when it is another page's. */
export const openRawSignaling = async (options: {
  origin: string;
  cookie: string;
  from?: string;
}): Promise<RawSignaling> => {
  const socket = new WebSocket(`${options.origin.replace('http', 'ws')}/signal`, SIGNALING_SUBPROTOCOL, {
    origin: options.from ?? options.origin,
    headers: { cookie: options.cookie },
  });
  const heard: string[] = [];
  const waiting = new Map<number, (answer: RawAnswer) => void>();
  const listeners = new Set<(name: string, data: unknown) => void>();
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<{ code: number; reason: string }>();
  socket.on('message', (data) => {
    const text = String(data);
    heard.push(text);
    const message: Incoming = JSON.parse(text);
    if (message.event !== undefined) for (const listener of [...listeners]) listener(message.event, message.data);
    if (message.re === undefined) return;
    waiting.get(message.re)?.(
      message.error === undefined ? { ok: true, data: message.data } : { ok: false, ...message.error },
    );
    waiting.delete(message.re);
  });
  socket.on('error', () => undefined);
  socket.on('close', (code, reason) => {
    onClosed({ code, reason: String(reason) });
    for (const answer of waiting.values()) answer({ closed: code, reason: String(reason) });
    waiting.clear();
  });
  await Promise.race([new Promise((resolve) => socket.once('open', resolve)), closed]);
  let id = 0;
  return {
    heard,
    closed,
    ask: (type, data) => {
      const { promise, resolve } = Promise.withResolvers<RawAnswer>();
      id += 1;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ v: 1, id, type, ...(data === undefined ? {} : { data }) }));
      return promise;
    },
    heardEvent: (name, matches = () => true) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const listener = (heardName: string, data: unknown): void => {
        if (heardName !== name || !matches(data)) return;
        listeners.delete(listener);
        resolve(data);
      };
      listeners.add(listener);
      void closed.then(({ code }) => reject(new Error(`closed with ${code} before ${name} was heard`)));
      return promise;
    },
    send: (frame) => socket.send(frame),
    close: () => socket.close(),
  };
};

/** Parameters of an audio producer that would be taken after admission. */
export const anyProducer = () => ({
  source: 'microphone',
  paused: false,
  rtpParameters: {
    mid: '0',
    codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
    encodings: [{ ssrc: 1111 }],
    rtcp: { cname: randomUUID() },
  },
});
