import { TransportOffer } from '@bedside/protocol';
import type { types } from 'mediasoup';
import type { MediaServerConfig } from './config.ts';

/**
 * A client's transport to send or to receive, over the worker's one UDP and one TCP port. ICE consent is left at
 * mediasoup's 30 s, the resume window of a session: signaling, not ICE, decides who is gone.
 */
export const createWebRtcTransport = async (options: {
  router: types.Router;
  webRtcServer: types.WebRtcServer;
  direction: 'send' | 'recv';
  config: MediaServerConfig;
}): Promise<types.WebRtcTransport> => {
  const transport = await options.router.createWebRtcTransport({
    webRtcServer: options.webRtcServer,
    enableUdp: true,
    enableTcp: true,
    preferUdp: true,
    initialAvailableOutgoingBitrate: options.config.initialOutgoingBps,
  });
  if (options.direction === 'send') {
    // Nobody waits for it, so that it adds no round trip to the offer. It fails only when the transport is closed.
    transport.setMaxIncomingBitrate(options.config.maxIncomingBps).catch(() => undefined);
  }
  return transport;
};

/** What the client needs to make its end. */
export const transportOffer = (transport: types.WebRtcTransport): TransportOffer =>
  TransportOffer.parse({
    id: transport.id,
    iceParameters: transport.iceParameters,
    iceCandidates: transport.iceCandidates,
    dtlsParameters: transport.dtlsParameters,
  });
