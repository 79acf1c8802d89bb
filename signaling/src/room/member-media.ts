import type { ConsumerId, ConsumerOffer, EventData, MediaOffer, PeerId, ProducerId } from '@bedside/protocol';
import type { Consumer, MemberMedia, Mute, PeerNews } from './room-state.ts';

type Opening = Extract<MemberMedia, { kind: 'opening' }>;
export type OpenMedia = Extract<MemberMedia, { kind: 'open' }>;

type MediaEventName = 'media.consumer' | 'media.consumerClosed' | 'media.consumerPaused' | 'muted';
/** What a client has to hear about its media. */
export type MediaTell = {
  [Name in MediaEventName]: { readonly event: Name; readonly data: EventData<Name> };
}[MediaEventName];

/** News of a peer that is being made; more than a full room can cause. */
const MAX_HELD_NEWS = 256;
/** Closed consumers that are told again to a client that was away. */
const MAX_CLOSED_REMEMBERED = 64;

const consumerOf = (offer: ConsumerOffer): [ConsumerId, Consumer] => [offer.id, { offer, known: false }];

export const openMedia = (peerId: PeerId, offer: MediaOffer): OpenMedia => ({
  kind: 'open',
  peerId,
  acknowledged: false,
  consumers: new Map(offer.consumers.map(consumerOf)),
  closed: [],
  mutes: new Map(),
});

/** The node's word on a peer can overtake its answer that the peer is made. */
export const hold = (media: Opening, news: PeerNews): Opening => ({
  ...media,
  held: [...media.held, news].slice(-MAX_HELD_NEWS),
});

/** The media after `news`, and what its client has to hear of them: nothing where they are no news. */
export const applyNews = (media: OpenMedia, news: PeerNews): { media: OpenMedia; tells: readonly MediaTell[] } => {
  const consumers = new Map(media.consumers);
  switch (news.type) {
    case 'consumer':
      if (consumers.has(news.consumer.id)) return { media, tells: [] };
      consumers.set(...consumerOf(news.consumer));
      return { media: { ...media, consumers }, tells: [{ event: 'media.consumer', data: news.consumer }] };
    case 'consumerClosed': {
      const { consumerId } = news;
      if (!consumers.delete(consumerId)) return { media, tells: [] };
      const closed = [...media.closed, consumerId].slice(-MAX_CLOSED_REMEMBERED);
      return {
        media: { ...media, consumers, closed },
        tells: [{ event: 'media.consumerClosed', data: { consumerId } }],
      };
    }
    case 'consumerPaused': {
      const { consumerId, paused } = news;
      const consumer = consumers.get(consumerId);
      if (consumer === undefined) return { media, tells: [] };
      consumers.set(consumerId, { ...consumer, offer: { ...consumer.offer, producerPaused: paused } });
      return {
        media: { ...media, consumers },
        tells: [{ event: 'media.consumerPaused', data: { consumerId, paused } }],
      };
    }
    default:
      return news satisfies never;
  }
};

/** The client has used its offer, and named `consumerIds`: of these it has surely heard. */
export const acknowledge = (media: OpenMedia, consumerIds: readonly ConsumerId[]): OpenMedia => {
  const consumers = new Map(media.consumers);
  for (const id of consumerIds) {
    const consumer = consumers.get(id);
    if (consumer !== undefined) consumers.set(id, { ...consumer, known: true });
  }
  return { ...media, acknowledged: true, consumers };
};

/** Everything that a client may have missed while its socket was lost. Hearing it twice changes nothing. */
export const missed = (media: OpenMedia): readonly MediaTell[] => [
  ...media.closed.map((consumerId): MediaTell => ({ event: 'media.consumerClosed', data: { consumerId } })),
  ...[...media.consumers.values()].map(
    ({ offer, known }): MediaTell =>
      known
        ? { event: 'media.consumerPaused', data: { consumerId: offer.id, paused: offer.producerPaused } }
        : { event: 'media.consumer', data: offer },
  ),
  ...[...media.mutes.values()].map((data): MediaTell => ({ event: 'muted', data })),
];

export const mute = (media: OpenMedia, muted: Mute): OpenMedia => ({
  ...media,
  mutes: new Map(media.mutes).set(muted.producerId, muted),
});

export const takeUp = (media: OpenMedia, producerId: ProducerId): OpenMedia => {
  const mutes = new Map(media.mutes);
  mutes.delete(producerId);
  return { ...media, mutes };
};
