import type { Clock } from '@bedside/kit';
import {
  AppError,
  type EncounterId,
  type MediaNodeId,
  type PeerId,
  type PersonId,
  type RoomId,
  type RoomView,
  type SessionId,
} from '@bedside/protocol';
import type { SignalingEvents } from '../events.ts';
import type { MediaClient } from '../media-client.ts';
import type { NodeRef, Placement } from '../placement.ts';
import type { PresenceReporter } from '../presence-reporter.ts';
import type { RetryDelays } from '../retry.ts';
import type { Session } from '../session.ts';
import { step } from './room-machine.ts';
import { RoomMedia } from './room-media.ts';
import {
  createRoomState,
  type Departure,
  isInVisit,
  type Member,
  memberOf,
  type RoomEffect,
  type RoomEvent,
  type RoomState,
} from './room-state.ts';
import { viewOf } from './room-view.ts';

export interface RoomDeps {
  readonly clock: Clock;
  readonly media: MediaClient;
  readonly placement: Placement;
  readonly reporter: PresenceReporter;
  readonly events: SignalingEvents;
  readonly delays: RetryDelays;
}

/** Where a session's peer is, and what every command about it carries. */
export interface PeerAddress {
  readonly nodeId: MediaNodeId;
  readonly peer: { readonly roomId: RoomId; readonly epoch: number; readonly peerId: PeerId };
}

/** One visit's room: holds the state, feeds it with what happens, and carries out what follows. */
export class Room {
  readonly encounterId: EncounterId;
  readonly roomId: RoomId;
  readonly #deps: RoomDeps;
  readonly #media: RoomMedia;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #enteredAt = new Map<SessionId, number>();
  readonly #onSessionEnded: (session: Session, departure: Departure) => void;
  readonly #onOver: (room: Room) => void;
  readonly #waiting: RoomEvent[] = [];
  #state: RoomState;
  #working = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: {
    encounterId: EncounterId;
    roomId: RoomId;
    /** No placement has an epoch below this. */
    epoch: number;
    deps: RoomDeps;
    onSessionEnded: (session: Session, departure: Departure) => void;
    /** Nobody is here any more, or the visit has ended. */
    onOver: (room: Room) => void;
  }) {
    this.encounterId = options.encounterId;
    this.roomId = options.roomId;
    this.#deps = options.deps;
    this.#onSessionEnded = options.onSessionEnded;
    this.#onOver = options.onOver;
    this.#state = createRoomState({ encounterId: options.encounterId, epoch: options.epoch });
    this.#media = new RoomMedia({ ...options, ...options.deps, dispatch: (event) => this.dispatch(event) });
  }

  get state(): RoomState {
    return this.#state;
  }

  get node(): NodeRef | undefined {
    return this.#media.node;
  }

  /** Puts a new session in; its person's older one is ended. */
  enter(session: Session, admitted: boolean): void {
    this.#sessions.set(session.id, session);
    const { personId, role, permissions, id: sessionId, grantId } = session;
    this.dispatch({ type: 'opened', entrant: { personId, role, permissions, sessionId, grantId, admitted } });
  }

  member(session: Session): Member | undefined {
    return memberOf(this.#state, session.id);
  }

  view(personId: PersonId): RoomView | undefined {
    return viewOf(this.#state, personId);
  }

  /** The sessions that take part in the chat. */
  *chatting(): Iterable<Session> {
    for (const session of this.#sessions.values()) if (session.feed.isOpen) yield session;
  }

  /** Throws `participant_unknown`. */
  present(personId: PersonId): Member {
    const member = this.#state.members.get(personId);
    if (member === undefined) throw new AppError('participant_unknown');
    return member;
  }

  /** Throws `not_in_visit` (SPEC WAIT2), or `media_unavailable` while the room is being placed. */
  peerOf(member: Member | undefined): PeerAddress {
    if (member === undefined || !isInVisit(member)) throw new AppError('not_in_visit');
    const node = this.#media.node;
    if (member.media.kind !== 'open' || node === undefined) throw new AppError('media_unavailable');
    const peer = { roomId: this.roomId, epoch: this.#state.epoch, peerId: member.media.peerId };
    return { nodeId: node.nodeId, peer };
  }

  /** A media node, or its silence, says that it does not have the room. */
  mediaLost(epoch: number): void {
    this.#media.lost(epoch);
  }

  tellViews(): void {
    for (const session of this.#sessions.values()) {
      const view = this.view(session.personId);
      if (view !== undefined) session.tellView(view);
    }
  }

  /** Closes what is on the media node, whatever else goes on. */
  async close(): Promise<void> {
    this.#media.stop();
    if (!this.#state.over) await this.#media.closeRoom(this.#state.epoch);
    await this.#closing;
  }

  /** Effects can cause events; these wait until the effects before them are carried out. */
  dispatch(event: RoomEvent): void {
    this.#waiting.push(event);
    if (this.#working) return;
    this.#working = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#take(next);
    } finally {
      this.#working = false;
    }
  }

  #take(event: RoomEvent): void {
    const wasOver = this.#state.over;
    const { state, effects } = step(this.#state, event, this.#deps.clock());
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (state.over && !wasOver) this.#onOver(this);
  }

  #carryOut(effect: RoomEffect): void {
    switch (effect.type) {
      case 'tell':
        if (effect.event === 'media.offer') this.#observeJoin(effect.sessionId);
        this.#sessions.get(effect.sessionId)?.tell(effect.event, effect.data);
        return;
      case 'tellViews':
        this.tellViews();
        return;
      case 'endSession':
        this.#endSession(effect.sessionId, effect.departure);
        return;
      case 'report': {
        const { presence, connected } = effect;
        this.#deps.reporter.report(this.#holder(effect.member), { type: 'presence', presence, connected });
        return;
      }
      case 'reportLeft':
        this.#deps.reporter.report(this.#holder(effect.member), { type: 'left' });
        return;
      case 'chat':
        this.#chat(effect.sessionId, effect.open);
        return;
      case 'openRoom':
        this.#media.openRoom(effect);
        return;
      case 'closeRoom':
        this.#closing = this.#media.closeRoom(effect.epoch);
        return;
      case 'retryLater':
        this.#media.retryLater(effect);
        return;
      case 'openPeer':
        return void this.#media.openPeer(effect);
      case 'closePeer':
        return void this.#media.closePeer(effect);
      default:
        effect satisfies never;
        return;
    }
  }

  #holder({ grantId, personId }: Member) {
    return { grantId, personId, encounterId: this.encounterId };
  }

  #endSession(sessionId: SessionId, departure: Departure): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    this.#enteredAt.delete(sessionId);
    session.end(departure);
    this.#onSessionEnded(session, departure);
  }

  #chat(sessionId: SessionId, open: boolean): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    if (open) this.#enteredAt.set(sessionId, performance.now());
    if (!open) session.feed.close();
    else if (session.may('chat')) void session.feed.open();
  }

  /** Counted once an entry: a new offer after a lost node is no join. */
  #observeJoin(sessionId: SessionId): void {
    const enteredAt = this.#enteredAt.get(sessionId);
    if (enteredAt === undefined) return;
    this.#enteredAt.delete(sessionId);
    this.#deps.events.joined((performance.now() - enteredAt) / 1_000);
  }
}
