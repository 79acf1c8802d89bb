import { VisitError } from './errors.ts';
import type { GatheredCandidate, Gathering, Platform } from './platform.ts';

const timers: Platform['timers'] = {
  after: (ms, run) => {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
};

const network: Platform['network'] = {
  isOnline: () => navigator.onLine,
  onChange: (listener) => {
    const online = () => listener(true);
    const offline = () => listener(false);
    addEventListener('online', online);
    addEventListener('offline', offline);
    return () => {
      removeEventListener('online', online);
      removeEventListener('offline', offline);
    };
  },
};

const gather: Platform['gather'] = (iceServers) => {
  const connection = new RTCPeerConnection({
    iceServers: iceServers as RTCIceServer[],
    iceTransportPolicy: 'relay',
  });
  const gathering: Gathering = {
    onCandidate: () => undefined,
    start: async () => {
      connection.createDataChannel('check');
      await connection.setLocalDescription();
    },
    close: () => connection.close(),
  };
  // `relayProtocol` and `url` are newer than the types that are known here; `url` was the event's before.
  connection.onicecandidate = (event: RTCPeerConnectionIceEvent & { readonly url?: string | null }) => {
    const candidate: (RTCIceCandidate & Omit<GatheredCandidate, 'type'>) | null = event.candidate;
    if (candidate === null) return gathering.onCandidate(undefined);
    const { type, relayProtocol, url = event.url } = candidate;
    // An empty one ends a generation, in browsers that have it.
    if (candidate.candidate !== '') gathering.onCandidate({ type, relayProtocol, url });
  };
  return gathering;
};

/** The real browser. mediasoup-client is a chunk of its own, so that a page shows before it has arrived. */
export const browserPlatform = (): Platform => {
  // Begun now, while the grant and the socket are under way; a failure shows when the device is made.
  import('mediasoup-client').catch(() => undefined);
  return {
    openSocket: (url, protocol) => new WebSocket(url, protocol),
    timers,
    network,
    now: () => Date.now(),
    random: () => Math.random(),
    uuid: () => crypto.randomUUID(),
    createDevice: async () => {
      const { Device } = await import('mediasoup-client');
      try {
        return await Device.factory();
      } catch (cause) {
        throw new VisitError('browser_unsupported', { cause });
      }
    },
    createStream: () => new MediaStream(),
    gather,
  };
};
