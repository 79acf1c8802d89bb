import type * as protocol from '@bedside/protocol';
import type { types } from 'mediasoup-client';

/**
 * The protocol bounds the outlines of media parameters and leaves what is in them to mediasoup, which wrote them on the
 * server and validates them here again. These functions are the one place where the two namings of a shape meet.
 */
export const toTransportOptions = (offer: protocol.TransportOffer, iceServers: readonly protocol.IceServer[]) =>
  ({
    id: offer.id,
    iceParameters: offer.iceParameters,
    iceCandidates: offer.iceCandidates,
    dtlsParameters: offer.dtlsParameters,
    iceServers: [...iceServers],
  }) as unknown as types.TransportOptions;

export const toConsumerOptions = (offer: protocol.ConsumerOffer) =>
  ({
    id: offer.id,
    producerId: offer.producerId,
    kind: offer.kind,
    rtpParameters: offer.rtpParameters,
    // One stream a person lets the browser keep their lips and their voice together.
    streamId: offer.source === 'screen' ? `${offer.personId}-screen` : offer.personId,
  }) as unknown as types.ConsumerOptions;

export const toRouterCapabilities = (capabilities: protocol.RtpCapabilities) =>
  capabilities as unknown as types.RtpCapabilities;

export const toIceParameters = (parameters: protocol.IceParameters) => parameters as types.IceParameters;

export const fromRtpCapabilities = (capabilities: types.RtpCapabilities) =>
  capabilities as unknown as protocol.RtpCapabilities;

export const fromRtpParameters = (parameters: types.RtpParameters) => parameters as unknown as protocol.RtpParameters;

export const fromDtlsParameters = (parameters: types.DtlsParameters) =>
  parameters as unknown as protocol.DtlsParameters;
