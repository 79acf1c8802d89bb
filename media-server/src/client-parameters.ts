import { AppError, kindOfSource, type MediaSource } from '@bedside/protocol';
import { getSupportedRtpCapabilities, type types } from 'mediasoup';
import { z } from 'zod';

/**
 * What a client says of its media, in the only shapes that may reach mediasoup. The protocol bounds outlines; here
 * every field has its exact type and range, and what mediasoup does not know is dropped. This is more than courtesy:
 * mediasoup serializes all requests of a worker with one shared builder, and a value of the wrong type that makes it
 * throw midway (a fractional `maxBitrate` is enough) leaves that builder useless for every room of the worker.
 */
const text = z.string().min(1).max(256);
const uint32 = z.number().int().min(1).max(0xffff_ffff);
const payloadType = z.number().int().min(0).max(127);
const clockRate = z.number().int().min(1).max(1_000_000);
const channels = z.number().int().min(1).max(8);
const mimeType = z.string().regex(/^(audio|video)\/[a-zA-Z0-9.-]{1,40}$/);
const kind = z.enum(['audio', 'video']);
const int32 = z.number().int().min(-0x8000_0000).max(0x7fff_ffff);
const formatParameters = z
  .record(z.string().max(64), z.union([z.string().max(256), int32]))
  .refine((parameters) => Object.keys(parameters).length <= 32);
const rtcpFeedback = z.array(z.object({ type: text, parameter: z.string().max(64).exactOptional() })).max(16);
const extensionId = z.number().int().min(1).max(255);

/** The worker's own list: it throws midway at a URI that is not in it. */
const knownExtensions = new Set<string>((getSupportedRtpCapabilities().headerExtensions ?? []).map(({ uri }) => uri));
const isKnownExtension = (uri: string): uri is types.RtpHeaderExtensionUri => knownExtensions.has(uri);

const codecCapability = z.object({
  kind,
  mimeType,
  preferredPayloadType: payloadType,
  clockRate,
  channels: channels.exactOptional(),
  parameters: formatParameters.exactOptional(),
  rtcpFeedback: rtcpFeedback.exactOptional(),
});

const headerExtensionCapability = z.object({
  kind,
  uri: text,
  preferredId: extensionId,
  preferredEncrypt: z.boolean().exactOptional(),
  direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).exactOptional(),
});

const rtpCapabilities = z.object({
  codecs: z.array(codecCapability).max(64),
  headerExtensions: z.array(headerExtensionCapability).max(64).default([]),
});

const codecParameters = z.object({
  mimeType,
  payloadType,
  clockRate,
  channels: channels.exactOptional(),
  parameters: formatParameters.exactOptional(),
  rtcpFeedback: rtcpFeedback.exactOptional(),
});

const encoding = z.object({
  ssrc: uint32.exactOptional(),
  /** RFC 8852 §3.1: at most 16 of these fit an RTP header extension element. */
  rid: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,16}$/)
    .exactOptional(),
  codecPayloadType: payloadType.exactOptional(),
  rtx: z.object({ ssrc: uint32 }).exactOptional(),
  dtx: z.boolean().exactOptional(),
  scalabilityMode: z
    .string()
    .regex(/^[LS][1-3]T[1-3](_KEY|h)?$/)
    .exactOptional(),
  maxBitrate: uint32.exactOptional(),
});

const rtpParameters = z.object({
  /** The worker keeps a MID in 8 bytes. */
  mid: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,8}$/)
    .exactOptional(),
  codecs: z.array(codecParameters).min(1).max(16),
  headerExtensions: z
    .array(z.object({ uri: text, id: z.number().int().min(1).max(14), encrypt: z.boolean().exactOptional() }))
    .max(32)
    .default([]),
  /** Three is full simulcast. */
  encodings: z.array(encoding).min(1).max(3),
  /** A browser that names its layers by RID has no SSRC, and so an empty CNAME; mediasoup then makes one. */
  rtcp: z.object({ cname: z.string().max(256).exactOptional(), reducedSize: z.boolean().exactOptional() }).default({}),
  msid: z.string().max(256).exactOptional(),
});

/** RFC 8122 §5, hexadecimal bytes with colons; the hashes that mediasoup knows. */
const dtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).exactOptional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().regex(/^([0-9a-fA-F]{2}:){19,63}[0-9a-fA-F]{2}$/),
      }),
    )
    .min(1)
    .max(8),
});

const parse = <Schema extends z.ZodType>(schema: Schema, value: unknown, name: string): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const path = [name, ...(result.error.issues[0]?.path ?? [])].map(String).join('.').slice(0, 100);
  throw new AppError('media_refused', { detail: `${path}: has a value that the media server cannot use.` });
};

/** Throws `media_refused`, the detail naming the field. */
export const clientRtpCapabilities = (value: unknown): types.RtpCapabilities => {
  const { codecs, headerExtensions } = parse(rtpCapabilities, value, 'rtpCapabilities');
  return {
    codecs,
    headerExtensions: headerExtensions.flatMap((extension) =>
      isKnownExtension(extension.uri) ? [{ ...extension, uri: extension.uri }] : [],
    ),
  };
};

/** Throws `media_refused`, the detail naming the field; also for codecs of another kind than the source's. */
export const clientRtpParameters = (value: unknown, source: MediaSource): types.RtpParameters => {
  const parameters = parse(rtpParameters, value, 'rtpParameters');
  const prefix = `${kindOfSource(source)}/`;
  if (parameters.codecs.some((codec) => !codec.mimeType.startsWith(prefix))) {
    throw new AppError('media_refused', { detail: `rtpParameters.codecs: a ${source} needs ${prefix} codecs.` });
  }
  return {
    ...parameters,
    headerExtensions: parameters.headerExtensions.flatMap((extension) =>
      isKnownExtension(extension.uri) ? [{ ...extension, uri: extension.uri, parameters: {} }] : [],
    ),
  };
};

/** Throws `media_refused`, the detail naming the field. */
export const clientDtlsParameters = (value: unknown): types.DtlsParameters =>
  parse(dtlsParameters, value, 'dtlsParameters');
