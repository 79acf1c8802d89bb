import type { types } from 'mediasoup-client';

/** Opus for speech: in-band FEC and retransmission against loss, DTX so that silence costs nothing. */
export const AUDIO_CODEC_OPTIONS: types.ProducerCodecOptions = {
  opusStereo: false,
  opusFec: true,
  opusDtx: true,
  opusNack: true,
  opusMaxAverageBitrate: 40_000,
};

/** Kilobits a second; without it Chromium begins at 300 and takes seconds to reach a good picture. */
export const VIDEO_CODEC_OPTIONS: types.ProducerCodecOptions = { videoGoogleStartBitrate: 800 };

/** Simulcast layers for a camera of this height in pixels, smallest first. Bit rates are in bits a second. */
export const cameraEncodings = (heightPx: number): types.RtpEncodingParameters[] => {
  const layer = (scaleResolutionDownBy: number, maxBitrate: number): types.RtpEncodingParameters => ({
    scaleResolutionDownBy,
    maxBitrate,
    scalabilityMode: 'L1T3',
  });
  if (heightPx >= 720) return [layer(4, 150_000), layer(2, 500_000), layer(1, 1_500_000)];
  if (heightPx >= 360) return [layer(2, 150_000), layer(1, 600_000)];
  return [layer(1, 200_000)];
};

/** Text has to stay sharp: one layer, few frames. */
export const SCREEN_ENCODINGS: types.RtpEncodingParameters[] = [{ maxBitrate: 1_500_000, maxFramerate: 15 }];

/** VP8 where both sides have it (simulcast works everywhere), else H264, else whatever comes first. */
export const chooseVideoCodec = (
  codecs: readonly types.RtpCodecCapability[] | undefined,
): types.RtpCodecCapability | undefined => {
  const named = (name: string) => codecs?.find(({ mimeType }) => mimeType.toLowerCase() === `video/${name}`);
  return named('vp8') ?? named('h264');
};
