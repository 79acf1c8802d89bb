import { describe, expect, it } from 'vitest';
import { clientDtlsParameters, clientRtpCapabilities, clientRtpParameters } from './client-parameters.ts';

const vp8 = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 };
const camera = { codecs: [vp8], encodings: [{ ssrc: 1 }] };
const canary = 'canary-91c2';

const refusalOf = (parse: () => unknown): unknown => {
  try {
    return parse();
  } catch (error) {
    return error;
  }
};

describe('clientRtpParameters', () => {
  it('takes the empty CNAME of a browser that names its layers by RID', () => {
    const simulcast = {
      codecs: [vp8],
      encodings: [{ rid: 'r0' }, { rid: 'r1' }],
      rtcp: { cname: '', reducedSize: true },
    };
    expect(clientRtpParameters(simulcast, 'camera')).toMatchObject({ rtcp: { cname: '' } });
  });

  it('keeps what mediasoup knows and drops the rest', () => {
    const extensions = [
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, parameters: { x: [] } },
      { uri: 'urn:nobody', id: 5 },
    ];
    expect(clientRtpParameters({ ...camera, surprise: 1, headerExtensions: extensions }, 'camera')).toEqual({
      ...camera,
      headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, parameters: {} }],
      rtcp: {},
    });
  });

  it.each([
    { path: 'rtpParameters.encodings.0.maxBitrate', value: { ...camera, encodings: [{ maxBitrate: 1.5 }] } },
    { path: 'rtpParameters.encodings.0.ssrc', value: { ...camera, encodings: [{ ssrc: 0x1_0000_0000 }] } },
    {
      path: 'rtpParameters.encodings.0.scalabilityMode',
      value: { ...camera, encodings: [{ scalabilityMode: 'L999T999' }] },
    },
    { path: 'rtpParameters.encodings.0.rid', value: { ...camera, encodings: [{ rid: canary.repeat(2) }] } },
    { path: 'rtpParameters.encodings', value: { codecs: [vp8] } },
    { path: 'rtpParameters.codecs.0.payloadType', value: { ...camera, codecs: [{ ...vp8, payloadType: 300 }] } },
    {
      path: 'rtpParameters.codecs.0.parameters.x',
      value: { ...camera, codecs: [{ ...vp8, parameters: { x: { text: canary } } }] },
    },
    { path: 'rtpParameters.mid', value: { ...camera, mid: canary } },
  ])('refuses $path, naming the field and not its value', ({ path, value }) => {
    const refusal = refusalOf(() => clientRtpParameters(value, 'camera'));
    expect(refusal).toMatchObject({ code: 'media_refused', detail: expect.stringMatching(new RegExp(`^${path}: `)) });
    expect(String(refusal)).not.toContain(canary);
  });

  it('refuses codecs of another kind than the source', () => {
    expect(refusalOf(() => clientRtpParameters(camera, 'microphone'))).toMatchObject({ code: 'media_refused' });
  });
});

describe('clientRtpCapabilities', () => {
  it('drops header extensions that the worker does not know', () => {
    const headerExtensions = [{ kind: 'video', uri: 'urn:nobody', preferredId: 3 }];
    expect(clientRtpCapabilities({ codecs: [], headerExtensions })).toEqual({ codecs: [], headerExtensions: [] });
  });

  it('refuses what is no capabilities', () => {
    expect(refusalOf(() => clientRtpCapabilities({ codecs: [{}] }))).toMatchObject({ code: 'media_refused' });
  });
});

describe('clientDtlsParameters', () => {
  it('takes a fingerprint of a known hash only', () => {
    const fingerprint = { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'aB').join(':') };
    expect(clientDtlsParameters({ role: 'client', fingerprints: [fingerprint] })).toEqual({
      role: 'client',
      fingerprints: [fingerprint],
    });
    for (const bad of [
      { ...fingerprint, algorithm: 'md5' },
      { ...fingerprint, value: 'AB' },
    ]) {
      expect(refusalOf(() => clientDtlsParameters({ fingerprints: [bad] }))).toMatchObject({ code: 'media_refused' });
    }
  });
});
