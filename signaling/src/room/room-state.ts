import type {
  CloseReason,
  ConsumerId,
  ConsumerOffer,
  EncounterId,
  EndReason,
  EventData,
  EventName,
  GrantId,
  Instant,
  MediaOffer,
  MediaSource,
  PeerId,
  Permissions,
  PersonId,
  Presence,
  ProducerId,
  RtpCapabilities,
  SessionId,
  VisitRole,
} from '@bedside/protocol';

/** A stream that a peer receives. `known`: its client has named it in `media.resume`, so it has surely heard of it. */
export interface Consumer {
  readonly offer: ConsumerOffer;
  readonly known: boolean;
}

export interface Mute {
  readonly producerId: ProducerId;
  readonly source: MediaSource;
  readonly by: PersonId;
}

/** What a media node says of one peer. */
export type PeerNews =
  | { readonly type: 'consumer'; readonly consumer: ConsumerOffer }
  | { readonly type: 'consumerClosed'; readonly consumerId: ConsumerId }
  | { readonly type: 'consumerPaused'; readonly consumerId: ConsumerId; readonly paused: boolean };

export type MemberMedia =
  /** Not in the visit, or the room is being placed. */
  | { readonly kind: 'none' }
  /** The node is making the peer; what it says of it meanwhile is told after the offer. */
  | { readonly kind: 'opening'; readonly peerId: PeerId; readonly held: readonly PeerNews[] }
  | {
      readonly kind: 'open';
      readonly peerId: PeerId;
      /** The client has used the offer, so it has surely heard of it. */
      readonly acknowledged: boolean;
      readonly consumers: ReadonlyMap<ConsumerId, Consumer>;
      /** The last that were closed, for a client that was away. */
      readonly closed: readonly ConsumerId[];
      /** Producers that a host muted and their owner has not taken up. */
      readonly mutes: ReadonlyMap<ProducerId, Mute>;
    }
  /** Sent back; told when the node has closed the peer. */
  | { readonly kind: 'closing'; readonly peerId: PeerId }
  /** The node cannot serve this client. It stays in the visit without media, and may say `ready` again. */
  | { readonly kind: 'refused' };

/** Who opens a session, as the grant and core say. */
export interface Entrant {
  readonly personId: PersonId;
  readonly role: VisitRole;
  readonly permissions: Permissions;
  readonly sessionId: SessionId;
  readonly grantId: GrantId;
  /** Core has let them in before. */
  readonly admitted: boolean;
}

/** Somebody who is here, with the one session they have. */
export interface Member extends Entrant {
  readonly presence: Exclude<Presence, 'absent'>;
  readonly connected: boolean;
  /** When `presence` last changed, in ms since the epoch. */
  readonly sinceMs: number;
  /** Given by `ready`. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
  readonly media: MemberMedia;
  /** How many peers this session has had; it makes their ids. */
  readonly peers: number;
}

/** Where the room's media is. `epoch` is that of the present try. */
export type Placement =
  | { readonly kind: 'none' }
  | { readonly kind: 'placing'; readonly attempt: number }
  /** No node took it; tried again after a while, or when a node comes up. */
  | { readonly kind: 'waiting'; readonly attempt: number }
  | { readonly kind: 'placed' };

export interface RoomState {
  readonly encounterId: EncounterId;
  /** By person, in order of arrival: a person has one session in a visit (SPEC SES5). */
  readonly members: ReadonlyMap<PersonId, Member>;
  readonly placement: Placement;
  /** Of the last placement. It never falls. */
  readonly epoch: number;
  /** Nobody is here any more, or the visit has ended: the room takes nothing in. */
  readonly over: boolean;
}

/** How a session ends: by its holder's `leave`, by the resume window, or with a close code. */
export type Departure = 'left' | 'window-passed' | CloseReason;

export type RoomEvent =
  | { readonly type: 'opened'; readonly entrant: Entrant }
  | { readonly type: 'socketLost'; readonly sessionId: SessionId }
  | { readonly type: 'resumed'; readonly sessionId: SessionId }
  | { readonly type: 'departed'; readonly sessionId: SessionId; readonly departure: Departure }
  | { readonly type: 'ready'; readonly sessionId: SessionId; readonly rtpCapabilities: RtpCapabilities }
  | { readonly type: 'admitted'; readonly personId: PersonId }
  | { readonly type: 'sentBack'; readonly personId: PersonId }
  | { readonly type: 'ended'; readonly reason: EndReason; readonly at: Instant }
  | { readonly type: 'placed'; readonly epoch: number }
  | { readonly type: 'placeFailed'; readonly epoch: number }
  | { readonly type: 'retryDue' }
  | { readonly type: 'nodeUp' }
  | { readonly type: 'roomLost'; readonly epoch: number }
  | { readonly type: 'peerOpened'; readonly peerId: PeerId; readonly offer: MediaOffer }
  | { readonly type: 'peerRefused'; readonly peerId: PeerId }
  | { readonly type: 'peerClosed'; readonly peerId: PeerId }
  | { readonly type: 'peerNews'; readonly peerId: PeerId; readonly news: PeerNews }
  | { readonly type: 'acknowledged'; readonly sessionId: SessionId; readonly consumerIds: readonly ConsumerId[] }
  | { readonly type: 'muted'; readonly personId: PersonId; readonly mute: Mute }
  | { readonly type: 'takenUp'; readonly sessionId: SessionId; readonly producerId: ProducerId };

type Tell = {
  [Name in EventName]: {
    readonly type: 'tell';
    readonly sessionId: SessionId;
    readonly event: Name;
    readonly data: EventData<Name>;
  };
}[EventName];

export type RoomEffect =
  | Tell
  /** Everybody's view of the room may have changed. */
  | { readonly type: 'tellViews' }
  /** The session is over; its socket is closed with this. */
  | { readonly type: 'endSession'; readonly sessionId: SessionId; readonly departure: Departure }
  /** Tells core where somebody is. */
  | { readonly type: 'report'; readonly member: Member; readonly presence: Presence; readonly connected: boolean }
  /** Tells core that somebody left for good. */
  | { readonly type: 'reportLeft'; readonly member: Member }
  /** The session takes part in the chat from here on, or no longer does. */
  | { readonly type: 'chat'; readonly sessionId: SessionId; readonly open: boolean }
  | { readonly type: 'openRoom'; readonly epoch: number; readonly attempt: number }
  | { readonly type: 'closeRoom'; readonly epoch: number }
  | { readonly type: 'retryLater'; readonly attempt: number }
  | {
      readonly type: 'openPeer';
      readonly epoch: number;
      readonly peerId: PeerId;
      readonly personId: PersonId;
      readonly rtpCapabilities: RtpCapabilities;
      readonly publish: readonly MediaSource[];
      readonly subscribe: boolean;
    }
  /** `peerClosed` is wanted when it is done. */
  | { readonly type: 'closePeer'; readonly epoch: number; readonly peerId: PeerId };

export const createRoomState = (options: { encounterId: EncounterId; epoch: number }): RoomState => ({
  ...options,
  members: new Map(),
  placement: { kind: 'none' },
  over: false,
});

export const memberOf = (state: RoomState, sessionId: SessionId): Member | undefined => {
  for (const member of state.members.values()) if (member.sessionId === sessionId) return member;
  return undefined;
};

/** Has taken part since admission, and nothing has put an end to it (SPEC WAIT2). */
export const isInVisit = (member: Member): boolean => member.presence === 'admitted' && member.media.kind !== 'closing';
