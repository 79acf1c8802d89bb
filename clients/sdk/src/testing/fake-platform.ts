import { Device, FakeHandler, testFakeParameters } from 'mediasoup-client';
import type { Gathering, Platform } from '../platform.ts';
import { FakeSocket } from './fake-socket.ts';
import { ManualTimers } from './manual-timers.ts';

class FakeStream {
  readonly tracks: unknown[] = [];
  addTrack(track: unknown): void {
    this.tracks.push(track);
  }
  removeTrack(track: unknown): void {
    this.tracks.splice(this.tracks.indexOf(track), 1);
  }
}

/** A platform whose network, time and luck belong to the test. Media is mediasoup-client's own fake handler. */
export class FakePlatform implements Platform {
  readonly timers = new ManualTimers();
  readonly sockets: FakeSocket[] = [];
  online = true;
  #uuids = 0;
  #networkListener: ((online: boolean) => void) | undefined;

  readonly network: Platform['network'] = {
    isOnline: () => this.online,
    onChange: (listener) => {
      this.#networkListener = listener;
      return () => {
        this.#networkListener = undefined;
      };
    },
  };

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error('no socket was opened');
    return last;
  }

  setOnline(online: boolean): void {
    this.online = online;
    this.#networkListener?.(online);
  }

  openSocket = (url: string) => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket.asSocket;
  };

  now = (): number => this.timers.nowMs;
  random = (): number => 1;
  uuid = (): string => `00000000-0000-4000-8000-${String(++this.#uuids).padStart(12, '0')}`;
  createDevice = async () => new Device({ handlerFactory: FakeHandler.createFactory(testFakeParameters) });
  /** The next look at the network finds this; nothing where it is unset. */
  relayedOver: 'udp' | 'tcp' | 'tls' | undefined;
  gather: Platform['gather'] = () => {
    const gathering: Gathering = {
      onCandidate: () => undefined,
      start: async () => {
        if (this.relayedOver) gathering.onCandidate({ type: 'relay', relayProtocol: this.relayedOver });
        gathering.onCandidate(undefined);
      },
      close: () => undefined,
    };
    return gathering;
  };
  createStream = () => new FakeStream() as unknown as MediaStream;
}
