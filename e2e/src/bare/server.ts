import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWorker, type types } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { type WebSocket, WebSocketServer } from 'ws';
import { bundleForPage } from '../bundle.ts';
import type { BareMessage, BareRequests, ConsumerInfo, TransportInfo } from './messages.ts';

export interface BareServer extends AsyncDisposable {
  readonly origin: string;
  close(): Promise<void>;
}

const CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];
const PAGE =
  '<!doctype html><html lang="en"><title>bare</title><button>Join</button><video autoplay playsinline></video><script type="module" src="/page.js"></script>';

const infoOf = (transport: types.WebRtcTransport): TransportInfo => ({
  id: transport.id,
  iceParameters: transport.iceParameters,
  iceCandidates: transport.iceCandidates as TransportInfo['iceCandidates'],
  dtlsParameters: transport.dtlsParameters,
});

/** One participant: its two transports and what flows over them. */
const createPeer = async (media: {
  router: types.Router;
  webRtcServer: types.WebRtcServer;
  producers: Set<types.Producer>;
}) => {
  const { router, producers, webRtcServer } = media;
  const make = () =>
    router.createWebRtcTransport({ webRtcServer, enableUdp: true, initialAvailableOutgoingBitrate: 1_000_000 });
  const [send, receive] = await Promise.all([make(), make()]);
  const consumers = new Map<string, types.Consumer>();

  const consume = async (producer: types.Producer, rtpCapabilities: types.RtpCapabilities): Promise<ConsumerInfo> => {
    const consumer = await receive.consume({ producerId: producer.id, rtpCapabilities, paused: true });
    consumers.set(consumer.id, consumer);
    const { id, producerId, kind, rtpParameters } = consumer;
    return { id, producerId, kind, rtpParameters: rtpParameters as client.RtpParameters };
  };
  const answer = async (message: BareMessage): Promise<BareRequests[BareMessage['type']]['result']> => {
    switch (message.type) {
      case 'capabilities':
        return router.rtpCapabilities as client.RtpCapabilities;
      case 'join': {
        const capabilities = message.params.rtpCapabilities as types.RtpCapabilities;
        const offered = await Promise.all([...producers].map((producer) => consume(producer, capabilities)));
        return { send: infoOf(send), receive: infoOf(receive), consumers: offered };
      }
      case 'connect':
        await (message.params.transportId === send.id ? send : receive).connect({
          dtlsParameters: message.params.dtlsParameters,
        });
        return {};
      case 'produce': {
        const producer = await send.produce({
          kind: message.params.kind,
          rtpParameters: message.params.rtpParameters as types.RtpParameters,
        });
        producers.add(producer);
        producer.observer.once('close', () => producers.delete(producer));
        return { id: producer.id };
      }
      case 'resume':
        await Promise.all(message.params.consumerIds.map((id) => consumers.get(id)?.resume()));
        return {};
    }
  };
  const close = (): void => {
    send.close();
    receive.close();
  };
  return { answer, close };
};

/** A socket and a router and nothing else: what Bedside is measured against, over the same worker binary. */
export const startBareServer = async (): Promise<BareServer> => {
  const script = await bundleForPage(new URL('./page.ts', import.meta.url), 'bare', 'es');
  const worker = await createWorker({ logLevel: 'warn' });
  const listen = { ip: '127.0.0.1' } as const;
  const webRtcServer = await worker.createWebRtcServer({
    listenInfos: [
      { protocol: 'udp', ...listen },
      { protocol: 'tcp', ...listen },
    ],
  });
  const router = await worker.createRouter({ mediaCodecs: CODECS });
  const producers = new Set<types.Producer>();

  const server = createServer((req, res) => {
    const isScript = req.url === '/page.js';
    res.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(isScript ? script : PAGE);
  });
  const sockets = new WebSocketServer({ server, maxPayload: 65_536 });
  const serve = (socket: WebSocket): void => {
    const peer = createPeer({ router, webRtcServer, producers });
    socket.on('close', () => void peer.then(({ close }) => close()));
    const reply = async (message: BareMessage): Promise<void> => {
      const { answer } = await peer;
      socket.send(JSON.stringify({ id: message.id, result: await answer(message) }));
    };
    socket.on('message', (data) => void reply(JSON.parse(String(data)) as BareMessage));
  };
  sockets.on('connection', serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const close = async (): Promise<void> => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.close();
    server.closeAllConnections();
    if (!worker.closed) {
      worker.close();
      if (!worker.subprocessClosed) await once(worker, 'subprocessclose');
    }
  };
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close, [Symbol.asyncDispose]: close };
};
