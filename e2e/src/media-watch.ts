import type { Page } from 'puppeteer-core';

declare global {
  interface Window {
    /** Every peer connection that the page made. */
    peerConnections: RTCPeerConnection[];
  }
}

/** Lets `mediaSoFar` tell what a page sent and received; to be called before the page is opened. */
export const watchMedia = async (page: Page): Promise<void> => {
  await page.evaluateOnNewDocument(() => {
    window.peerConnections = [];
    const Native = RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.peerConnections.push(this);
      }
    };
  });
};

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
