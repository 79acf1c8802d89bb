import { VisitError } from './errors.ts';
import type { Platform } from './platform.ts';

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
  };
};
