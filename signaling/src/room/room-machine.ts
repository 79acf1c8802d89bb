import type { MediaOffer, MediaSource, PeerId, PersonId, Presence, SessionId } from '@bedside/protocol';
import { acknowledge, applyNews, hold, type MediaTell, missed, mute, openMedia, takeUp } from './member-media.ts';
import {
  type Departure,
  type Entrant,
  isInVisit,
  type Member,
  type MemberMedia,
  type PeerNews,
  type RoomEffect,
  type RoomEvent,
  type RoomState,
} from './room-state.ts';

export interface Step {
  readonly state: RoomState;
  /** To be carried out in this order. */
  readonly effects: readonly RoomEffect[];
}

/** What happens in a room when `event` does, at `now` (ms since the epoch). Nothing is read or done besides. */
export const step = (state: RoomState, event: RoomEvent, now: number): Step => {
  if (state.over) return { state, effects: [] };
  const draft = new Draft(state, now);
  draft.take(event);
  draft.settle();
  return draft.done();
};

/** Sources that the permissions let somebody publish. */
export const publishable = ({ permissions }: Pick<Member, 'permissions'>): readonly MediaSource[] => [
  ...(permissions.publishAudio ? (['microphone'] as const) : []),
  ...(permissions.publishVideo ? (['camera'] as const) : []),
  ...(permissions.publishScreen ? (['screen'] as const) : []),
];

const mayHaveMedia = (member: Member): boolean => member.permissions.subscribe || publishable(member).length > 0;
const mayEnter = (member: Member): boolean => member.admitted || member.permissions.enter;

type ClientRoomEvent = Extract<RoomEvent, { type: 'acknowledged' | 'muted' | 'takenUp' }>;
type MediaRoomEvent =
  | ClientRoomEvent
  | Extract<RoomEvent, { type: 'placed' | 'placeFailed' | 'retryDue' | 'nodeUp' | 'roomLost' | `peer${string}` }>;

/** One step in the making. */
class Draft {
  readonly #members: Map<PersonId, Member>;
  readonly #effects: RoomEffect[] = [];
  readonly #now: number;
  #state: RoomState;

  constructor(state: RoomState, now: number) {
    this.#state = state;
    this.#members = new Map(state.members);
    this.#now = now;
  }

  done(): Step {
    return { state: { ...this.#state, members: this.#members }, effects: this.#effects };
  }

  take(event: RoomEvent): void {
    switch (event.type) {
      case 'opened':
        this.#open(event.entrant);
        break;
      case 'socketLost':
        this.#connected(event.sessionId, false);
        break;
      case 'resumed':
        this.#connected(event.sessionId, true);
        this.#catchUp(event.sessionId);
        break;
      case 'departed':
        this.#depart(event.sessionId, event.departure);
        break;
      case 'ready':
        this.#ready(event);
        break;
      case 'admitted':
        this.#admit(event.personId);
        break;
      case 'sentBack':
        this.#sendBack(event.personId);
        break;
      case 'ended':
        this.#end(event);
        break;
      default:
        this.#takeMedia(event);
    }
  }

  #takeMedia(event: MediaRoomEvent): void {
    switch (event.type) {
      case 'placed':
        if (this.#isPlacing(event.epoch)) this.#state = { ...this.#state, placement: { kind: 'placed' } };
        break;
      case 'placeFailed':
        if (this.#isPlacing(event.epoch)) this.#placeLater();
        break;
      case 'retryDue':
      case 'nodeUp':
        if (this.#state.placement.kind === 'waiting') this.#place(this.#state.placement.attempt);
        break;
      case 'roomLost':
        this.#roomLost(event.epoch);
        break;
      case 'peerOpened':
        this.#peerOpened(event.peerId, event.offer);
        break;
      case 'peerRefused':
      case 'peerClosed':
        this.#peerGone(event);
        break;
      case 'peerNews':
        this.#news(event.peerId, event.news);
        break;
      default:
        this.#takeClient(event);
    }
  }

  #takeClient(event: ClientRoomEvent): void {
    const member = event.type === 'muted' ? this.#members.get(event.personId) : this.#find(event.sessionId);
    if (member?.media.kind !== 'open') return;
    switch (event.type) {
      case 'acknowledged':
        this.#media(member, acknowledge(member.media, event.consumerIds));
        break;
      case 'muted':
        this.#media(member, mute(member.media, event.mute));
        this.#effects.push({ type: 'tell', sessionId: member.sessionId, event: 'muted', data: event.mute });
        break;
      case 'takenUp':
        this.#media(member, takeUp(member.media, event.producerId));
        break;
      default:
        event satisfies never;
    }
  }

  #open(entrant: Entrant): void {
    const older = this.#members.get(entrant.personId);
    if (older !== undefined) this.#endSession(older, 'session_replaced');
    this.#members.set(entrant.personId, {
      ...entrant,
      presence: 'device-check',
      connected: true,
      sinceMs: this.#now,
      rtpCapabilities: undefined,
      media: { kind: 'none' },
      peers: 0,
    });
    this.#report(entrant.sessionId);
    this.#tellViews();
  }

  #ready({ sessionId, rtpCapabilities }: Extract<RoomEvent, { type: 'ready' }>): void {
    const member = this.#update(sessionId, { rtpCapabilities });
    if (member?.presence === 'device-check') this.#presence(member, 'ready');
    if (member?.media.kind === 'refused') this.#media(member, { kind: 'none' });
  }

  #admit(personId: PersonId): void {
    const member = this.#members.get(personId);
    if (member !== undefined) this.#update(member.sessionId, { admitted: true });
  }

  #end({ reason, at }: Extract<RoomEvent, { type: 'ended' }>): void {
    for (const { sessionId } of this.#members.values()) {
      this.#effects.push({ type: 'tell', sessionId, event: 'ended', data: { reason, at } });
      this.#effects.push({ type: 'endSession', sessionId, departure: 'visit_over' });
    }
    this.#members.clear();
  }

  #peerOpened(peerId: PeerId, offer: MediaOffer): void {
    const member = this.#peer(peerId);
    if (member?.media.kind !== 'opening') return;
    this.#media(member, openMedia(peerId, offer));
    this.#effects.push({ type: 'tell', sessionId: member.sessionId, event: 'media.offer', data: offer });
    for (const news of member.media.held) this.#news(peerId, news);
  }

  #peerGone({ type, peerId }: Extract<RoomEvent, { type: 'peerRefused' | 'peerClosed' }>): void {
    const member = this.#peer(peerId);
    if (type === 'peerRefused' && member?.media.kind === 'opening') this.#media(member, { kind: 'refused' });
    if (type === 'peerClosed' && member?.media.kind === 'closing') this.#withdraw(member);
  }

  /** Draws the consequences of whatever has changed: who comes in, whose media is opened, whether the room is over. */
  settle(): void {
    if (this.#members.size === 0) {
      this.#finish();
      return;
    }
    for (const member of this.#members.values()) {
      if (member.presence === 'ready' && member.rtpCapabilities !== undefined && mayEnter(member)) {
        this.#presence(member, 'admitted');
        this.#effects.push({ type: 'chat', sessionId: member.sessionId, open: true });
      }
    }
    if (this.#state.placement.kind === 'none' && this.#wantsRoom()) this.#place(0);
    if (this.#state.placement.kind === 'placed') for (const member of this.#members.values()) this.#openPeer(member);
  }

  #finish(): void {
    if (this.#state.placement.kind === 'placed' || this.#state.placement.kind === 'placing') {
      this.#effects.push({ type: 'closeRoom', epoch: this.#state.epoch });
    }
    this.#state = { ...this.#state, placement: { kind: 'none' }, over: true };
  }

  /** A router is ready before the first admission, so that nobody waits for it; it holds nothing of anybody. */
  #wantsRoom(): boolean {
    return [...this.#members.values()].some(
      (member) => mayHaveMedia(member) && (mayEnter(member) || member.presence !== 'device-check'),
    );
  }

  #place(attempt: number): void {
    const epoch = Math.max(this.#state.epoch + 1, this.#now);
    this.#state = { ...this.#state, epoch, placement: { kind: 'placing', attempt } };
    this.#effects.push({ type: 'openRoom', epoch, attempt });
  }

  #placeLater(): void {
    const { placement } = this.#state;
    const attempt = placement.kind === 'placing' ? placement.attempt + 1 : 1;
    this.#state = { ...this.#state, placement: { kind: 'waiting', attempt } };
    this.#effects.push({ type: 'retryLater', attempt });
  }

  #isPlacing(epoch: number): boolean {
    return this.#state.placement.kind === 'placing' && epoch === this.#state.epoch;
  }

  #roomLost(epoch: number): void {
    if (epoch !== this.#state.epoch) return;
    if (this.#state.placement.kind === 'placing') this.#placeLater();
    if (this.#state.placement.kind !== 'placed') return;
    this.#state = { ...this.#state, placement: { kind: 'none' } };
    for (const member of this.#members.values()) {
      if (member.media.kind === 'closing') this.#withdraw(member);
      else if (member.media.kind !== 'refused') this.#media(member, { kind: 'none' });
    }
  }

  #openPeer(member: Member): void {
    if (member.media.kind !== 'none' || !isInVisit(member) || !mayHaveMedia(member)) return;
    if (member.rtpCapabilities === undefined) return;
    const peerId = `${member.sessionId}.${member.peers}` as PeerId;
    this.#update(member.sessionId, { peers: member.peers + 1, media: { kind: 'opening', peerId, held: [] } });
    this.#effects.push({
      type: 'openPeer',
      epoch: this.#state.epoch,
      peerId,
      personId: member.personId,
      rtpCapabilities: member.rtpCapabilities,
      publish: publishable(member),
      subscribe: member.permissions.subscribe,
    });
  }

  #closePeer(member: Member): void {
    if (!('peerId' in member.media)) return;
    this.#effects.push({ type: 'closePeer', epoch: this.#state.epoch, peerId: member.media.peerId });
  }

  /** The media is closed on the node first, and told when that is done (SPEC WAIT5). */
  #sendBack(personId: PersonId): void {
    const member = this.#members.get(personId);
    if (member === undefined || member.permissions.enter) return;
    const waiting = this.#update(member.sessionId, { admitted: false });
    if (waiting === undefined || !isInVisit(waiting)) return;
    this.#effects.push({ type: 'chat', sessionId: member.sessionId, open: false });
    if (!('peerId' in waiting.media)) {
      this.#withdraw(waiting);
      return;
    }
    this.#closePeer(waiting);
    this.#media(waiting, { kind: 'closing', peerId: waiting.media.peerId });
  }

  #withdraw(member: Member): void {
    this.#media(member, { kind: 'none' });
    this.#effects.push({ type: 'tell', sessionId: member.sessionId, event: 'media.withdrawn', data: {} });
    this.#presence(member, 'ready');
  }

  #depart(sessionId: SessionId, departure: Departure): void {
    const member = this.#find(sessionId);
    if (member === undefined) return;
    this.#endSession(member, departure);
    this.#members.delete(member.personId);
    if (departure === 'left') this.#effects.push({ type: 'reportLeft', member });
    else this.#effects.push({ type: 'report', member, presence: 'absent', connected: false });
    this.#tellViews();
  }

  #endSession(member: Member, departure: Departure): void {
    this.#closePeer(member);
    this.#effects.push({ type: 'endSession', sessionId: member.sessionId, departure });
  }

  #connected(sessionId: SessionId, connected: boolean): void {
    const member = this.#find(sessionId);
    if (member === undefined || member.connected === connected) return;
    this.#update(sessionId, { connected });
    this.#report(sessionId);
    this.#tellViews();
  }

  /** A client that was away is told what it may have missed; an offer that it never used is made anew. */
  #catchUp(sessionId: SessionId): void {
    const member = this.#find(sessionId);
    if (member?.media.kind !== 'open') return;
    const { media } = member;
    if (!media.acknowledged) {
      this.#closePeer(member);
      this.#media(member, { kind: 'none' });
      return;
    }
    this.#tellAll(sessionId, missed(media));
  }

  #news(peerId: PeerId, news: PeerNews): void {
    const member = this.#peer(peerId);
    if (member?.media.kind === 'opening') this.#media(member, hold(member.media, news));
    if (member?.media.kind !== 'open') return;
    const { media, tells } = applyNews(member.media, news);
    this.#media(member, media);
    this.#tellAll(member.sessionId, tells);
  }

  #tellAll(sessionId: SessionId, tells: readonly MediaTell[]): void {
    for (const tell of tells) this.#effects.push({ type: 'tell', sessionId, ...tell });
  }

  #peer(peerId: PeerId): Member | undefined {
    for (const member of this.#members.values()) {
      if ('peerId' in member.media && member.media.peerId === peerId) return member;
    }
    return undefined;
  }

  #find(sessionId: SessionId): Member | undefined {
    for (const member of this.#members.values()) if (member.sessionId === sessionId) return member;
    return undefined;
  }

  #update(sessionId: SessionId, change: Partial<Member>): Member | undefined {
    const member = this.#find(sessionId);
    if (member === undefined) return undefined;
    const changed = { ...member, ...change };
    this.#members.set(member.personId, changed);
    return changed;
  }

  #media(member: Member, media: MemberMedia): void {
    this.#update(member.sessionId, { media });
  }

  #presence(member: Member, presence: Member['presence']): void {
    this.#update(member.sessionId, { presence, sinceMs: this.#now });
    this.#report(member.sessionId);
    this.#tellViews();
  }

  #report(sessionId: SessionId): void {
    const member = this.#find(sessionId);
    if (member === undefined) return;
    const presence: Presence = member.presence;
    this.#effects.push({ type: 'report', member, presence, connected: member.connected });
  }

  #tellViews(): void {
    this.#effects.push({ type: 'tellViews' });
  }
}
