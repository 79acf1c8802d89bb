import { ConsumerOffer, type MediaSource, type PersonId } from '@bedside/protocol';
import type { types } from 'mediasoup';

/** A stream in a room, with whose it is and what it shows. */
export interface Stream {
  readonly producer: types.Producer;
  readonly personId: PersonId;
  readonly source: MediaSource;
}

/** What the receiver's client needs to take up a stream. */
export const consumerOffer = ({ consumer, stream }: { consumer: types.Consumer; stream: Stream }): ConsumerOffer =>
  ConsumerOffer.parse({
    id: consumer.id,
    producerId: consumer.producerId,
    personId: stream.personId,
    kind: consumer.kind,
    source: stream.source,
    rtpParameters: consumer.rtpParameters,
    producerPaused: consumer.producerPaused,
  });
