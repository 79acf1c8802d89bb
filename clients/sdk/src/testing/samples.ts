import type { EncounterId, MediaOffer, PersonId, RoomView, Welcome } from '@bedside/protocol';
import { testFakeParameters } from 'mediasoup-client';

export const ENCOUNTER = '11111111-1111-4111-8111-111111111111' as EncounterId;
export const ME = '22222222-2222-4222-8222-222222222222' as PersonId;
export const OTHER = '33333333-3333-4333-8333-333333333333' as PersonId;

export const GRANT = { token: 'grant', signalingUrl: 'ws://test.invalid/signal', iceServers: [] };

const routerRtpCapabilities =
  testFakeParameters.generateRouterRtpCapabilities() as unknown as MediaOffer['routerRtpCapabilities'];

export const room = (presence: RoomView['you']['presence']): RoomView => ({
  encounterId: ENCOUNTER,
  you: { personId: ME, role: 'patient', presence, connected: true, since: '2030-01-01T10:00:00.000Z' },
  others: [],
  hostPresent: true,
});

const permissions = {
  enter: false,
  publishAudio: true,
  publishVideo: true,
  publishScreen: false,
  subscribe: true,
  chat: true,
  admit: false,
  mute: false,
  end: false,
};

/** `n` makes the resume token, so that tests can tell one welcome from the next. */
export const welcome = (n: number, over: Partial<Welcome> = {}): Welcome => ({
  sessionId: '44444444-4444-4444-8444-444444444444' as Welcome['sessionId'],
  resumeToken: String(n).padStart(43, 't'),
  resumed: false,
  permissions,
  room: room('device-check'),
  routerRtpCapabilities,
  messages: [],
  ...over,
});

const transport = (id: string): MediaOffer['send'] => {
  const { iceParameters, iceCandidates, dtlsParameters } = testFakeParameters.generateTransportRemoteParameters();
  return { id, iceParameters, iceCandidates, dtlsParameters } as unknown as NonNullable<MediaOffer['send']>;
};

export const consumerOffer = (id: string, kind: 'audio' | 'video'): MediaOffer['consumers'][number] => {
  const codecMimeType = kind === 'audio' ? 'audio/opus' : 'video/VP8';
  const { rtpParameters } = testFakeParameters.generateConsumerRemoteParameters({ codecMimeType });
  return {
    id,
    producerId: `producer-of-${id}`,
    personId: OTHER,
    kind,
    source: kind === 'audio' ? 'microphone' : 'camera',
    rtpParameters,
    producerPaused: false,
  } as unknown as MediaOffer['consumers'][number];
};

export const mediaOffer = (epoch: number, consumers: MediaOffer['consumers'] = []): MediaOffer => ({
  epoch,
  routerRtpCapabilities,
  send: transport(`send-${epoch}`),
  recv: transport(`recv-${epoch}`),
  consumers,
});
