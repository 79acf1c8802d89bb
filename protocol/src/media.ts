import { z } from 'zod';
import { ConsumerId, PersonId, ProducerId, TransportId } from './ids.ts';

/**
 * RTP, ICE and DTLS parameters as mediasoup speaks them (ORTC names). Their outlines are bounded here; what is in them
 * is judged by the media server, which refuses what it cannot use with `media_refused`.
 */
const text = z.string().max(256);

export const MediaKind = z.enum(['audio', 'video']);
export type MediaKind = z.infer<typeof MediaKind>;

/** What a producer shows; at most one producer of each source a participant. */
export const MediaSource = z.enum(['microphone', 'camera', 'screen']);
export type MediaSource = z.infer<typeof MediaSource>;

export const kindOfSource = (source: MediaSource): MediaKind => (source === 'microphone' ? 'audio' : 'video');

const codec = z.looseObject({
  mimeType: text,
  clockRate: z.number(),
  channels: z.number().optional(),
  parameters: z.record(text, z.unknown()).optional(),
  rtcpFeedback: z
    .array(z.looseObject({ type: text }))
    .max(16)
    .optional(),
});

export const RtpCapabilities = z.looseObject({
  codecs: z.array(codec).max(64),
  headerExtensions: z
    .array(z.looseObject({ uri: text }))
    .max(64)
    .optional(),
});
export type RtpCapabilities = z.infer<typeof RtpCapabilities>;

export const RtpParameters = z.looseObject({
  mid: text.optional(),
  codecs: z.array(codec).min(1).max(16),
  headerExtensions: z
    .array(z.looseObject({ uri: text }))
    .max(32)
    .optional(),
  encodings: z.array(z.looseObject({})).max(8).optional(),
  rtcp: z.looseObject({}).optional(),
});
export type RtpParameters = z.infer<typeof RtpParameters>;

export const DtlsParameters = z.looseObject({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(z.looseObject({ algorithm: text, value: text }))
    .min(1)
    .max(8),
});
export type DtlsParameters = z.infer<typeof DtlsParameters>;

export const IceParameters = z.looseObject({ usernameFragment: text, password: text });
export type IceParameters = z.infer<typeof IceParameters>;

export const IceCandidate = z.looseObject({
  foundation: text,
  ip: text,
  protocol: z.enum(['udp', 'tcp']),
  port: z.number().int().min(0).max(65_535),
});
export type IceCandidate = z.infer<typeof IceCandidate>;

/** RTCIceServer of W3C WebRTC. */
export const IceServer = z.object({
  urls: z.array(z.string().max(300)).max(8),
  username: z.string().max(500).optional(),
  credential: z.string().max(500).optional(),
});
export type IceServer = z.infer<typeof IceServer>;

/** What a client needs to make its end of a WebRTC transport. */
export const TransportOffer = z.object({
  id: TransportId,
  iceParameters: IceParameters,
  iceCandidates: z.array(IceCandidate).max(32),
  dtlsParameters: DtlsParameters,
});
export type TransportOffer = z.infer<typeof TransportOffer>;

/** A stream a client is to receive. It starts paused and flows after `media.resume`. */
export const ConsumerOffer = z.object({
  id: ConsumerId,
  producerId: ProducerId,
  /** Whose stream it is. */
  personId: PersonId,
  kind: MediaKind,
  source: MediaSource,
  rtpParameters: RtpParameters,
  /** The sender has paused it (muted, camera off). */
  producerPaused: z.boolean(),
});
export type ConsumerOffer = z.infer<typeof ConsumerOffer>;

/** Everything a client needs to send and receive. Exists only after admission. */
export const MediaOffer = z.object({
  /** Rises each time the room is placed anew; a client drops all media of an older one. */
  epoch: z.number().int().min(0),
  routerRtpCapabilities: RtpCapabilities,
  /** Absent where the grant lets its holder publish nothing. */
  send: TransportOffer.optional(),
  /** Absent where the grant does not let its holder subscribe. */
  recv: TransportOffer.optional(),
  consumers: z.array(ConsumerOffer).max(64),
});
export type MediaOffer = z.infer<typeof MediaOffer>;
