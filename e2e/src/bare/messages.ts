import type { types } from 'mediasoup-client';

/** What mediasoup-client needs to know of a transport of the router. */
export type TransportInfo = Pick<types.TransportOptions, 'id' | 'iceParameters' | 'iceCandidates' | 'dtlsParameters'>;

export interface ConsumerInfo {
  readonly id: string;
  readonly producerId: string;
  readonly kind: types.MediaKind;
  readonly rtpParameters: types.RtpParameters;
}

/** Requests of the bare page, each with what it sends and what it gets. */
export interface BareRequests {
  capabilities: { params: object; result: types.RtpCapabilities };
  join: {
    params: { rtpCapabilities: types.RtpCapabilities };
    result: { send: TransportInfo; receive: TransportInfo; consumers: ConsumerInfo[] };
  };
  connect: { params: { transportId: string; dtlsParameters: types.DtlsParameters }; result: object };
  produce: { params: { kind: types.MediaKind; rtpParameters: types.RtpParameters }; result: { id: string } };
  resume: { params: { consumerIds: string[] }; result: object };
}
export type BareRequestType = keyof BareRequests;

export type BareMessage = {
  [Type in BareRequestType]: { id: number; type: Type; params: BareRequests[Type]['params'] };
}[BareRequestType];
export interface BareAnswer {
  readonly id: number;
  readonly result: unknown;
}
