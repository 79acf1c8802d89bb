import { RtpCapabilities } from '@bedside/protocol';
import { ortc, type types } from 'mediasoup';

/**
 * What rooms carry, best first: a client sends with the first of these that it can encode.
 *
 * VP8 leads because every browser encodes it in simulcast, its software encoder costs a weak phone least, and it
 * delivers the first frame at once where a hardware encoder needs time to start. H264 (constrained baseline, the
 * profile that hardware shares) serves devices without VP8. VP9 and AV1 cost a phone too much to encode by default;
 * they stand last, for senders that choose them, such as a desktop that shares its screen.
 *
 * Opus: the parameters are what a sender's browser is asked for (RFC 7587 §6.1): in-band FEC, and silence that costs
 * next to nothing. NACK comes with mediasoup's own capabilities and is used where the client asks for it too.
 */
const mediaCodecs = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 },
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90_000, parameters: {} },
] as const satisfies types.RouterRtpCodecCapability[];

/** A fresh copy each time: mediasoup fills in what is missing. */
export const routerCodecs = (): types.RouterRtpCodecCapability[] =>
  structuredClone<types.RouterRtpCodecCapability[]>([...mediaCodecs]);

/** What every router of every node of this version can do; known before there is a router. */
export const routerRtpCapabilities: RtpCapabilities = Object.freeze(
  RtpCapabilities.parse(ortc.generateRouterRtpCapabilities(routerCodecs())),
);
