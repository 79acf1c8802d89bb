import type { Page } from 'puppeteer-core';

declare global {
  interface Window {
    /** Every peer connection that the page made. */
    peerConnections: RTCPeerConnection[];
    /** Every WebSocket that the page opened. */
    sockets: WebSocket[];
  }
}

/** Lets `mediaSoFar` and `loseSocket` get at a page's connections; to be called before the page is opened. */
export const watchMedia = async (page: Page): Promise<void> => {
  await page.evaluateOnNewDocument(() => {
    window.peerConnections = [];
    window.sockets = [];
    const Native = RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.peerConnections.push(this);
      }
    };
    const NativeSocket = WebSocket;
    window.WebSocket = class extends NativeSocket {
      constructor(...parameters: ConstructorParameters<typeof WebSocket>) {
        super(...parameters);
        window.sockets.push(this);
      }
    };
  });
};

/** Ends the page's signaling socket under the SDK, as a network that goes away does; the browser stays online. */
export const loseSocket = (page: Page): Promise<void> => page.evaluate(() => window.sockets.at(-1)?.close(4000));

/** RTP bytes in both directions, all peer connections of the page together. */
export const mediaSoFar = (page: Page): Promise<{ connections: number; sentBytes: number; receivedBytes: number }> =>
  page.evaluate(async () => {
    const sums = { connections: window.peerConnections.length, sentBytes: 0, receivedBytes: 0 };
    for (const connection of window.peerConnections) {
      for (const report of (await connection.getStats()).values()) {
        if (report.type === 'outbound-rtp') sums.sentBytes += report.bytesSent ?? 0;
        if (report.type === 'inbound-rtp') sums.receivedBytes += report.bytesReceived ?? 0;
      }
    }
    return sums;
  });
