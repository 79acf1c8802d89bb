import type { Duplex } from 'node:stream';

/** When a stream is closed, whether in order or by a reset; the latter would reject `once(stream, 'close')`. */
export const closed = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    stream.on('error', () => {}).once('close', () => resolve());
  });
