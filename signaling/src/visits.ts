import { randomUUID } from 'node:crypto';
import type { Clock } from '@bedside/kit';
import {
  AppError,
  type ChatMessage,
  type CloseReason,
  type EncounterId,
  type GrantClaims,
  type HelloParams,
  type MediaEvent,
  type RoomId,
  SessionId,
  type VisitEvent,
  type Welcome,
} from '@bedside/protocol';
import { newest } from './chat-feed.ts';
import type { SignalingLimits, SignalingTimings } from './config.ts';
import type { CoreClient, Holder } from './core-client.ts';
import type { SignalingEvents } from './events.ts';
import { GrantRenewal } from './grant-renewal.ts';
import type { NodeRef, Placement } from './placement.ts';
import { Room, type RoomDeps } from './room/room.ts';
import { type Departure, isInVisit } from './room/room-state.ts';
import { type Outlet, Session } from './session.ts';
import { VisitWatch } from './visit-watch.ts';

/** A session and what its client is told first. Events reach the client after `begin()`. */
export interface Opened {
  readonly session: Session;
  readonly welcome: Welcome;
  begin(): void;
}

type Resume = Extract<HelloParams, { resume: unknown }>;

/** Every session and room of this process. */
export class Visits {
  readonly #core: CoreClient;
  readonly #placement: Placement;
  readonly #events: SignalingEvents;
  readonly #clock: Clock;
  readonly #limits: SignalingLimits;
  readonly #timings: SignalingTimings;
  readonly #roomDeps: RoomDeps;
  readonly #sessions = new Map<
    SessionId,
    { readonly session: Session; readonly room: Room; readonly renewal: GrantRenewal }
  >();
  readonly #rooms = new Map<EncounterId, Room>();
  readonly #roomsById = new Map<RoomId, Room>();
  readonly #watch = new VisitWatch();
  /** Of the last room that was dropped: one that is made anew begins above it. */
  #lastEpoch = 0;

  constructor(options: {
    core: CoreClient;
    placement: Placement;
    events: SignalingEvents;
    clock: Clock;
    limits: SignalingLimits;
    timings: SignalingTimings;
    roomDeps: RoomDeps;
  }) {
    this.#core = options.core;
    this.#placement = options.placement;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.#timings = options.timings;
    this.#roomDeps = options.roomDeps;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  /** Uses the grant up and opens its session. Throws core's refusal, or `server_busy`. */
  async open(claims: GrantClaims, outlet: Outlet): Promise<Opened> {
    const startedAt = performance.now();
    const full = (this.#rooms.get(claims.enc)?.state.members.size ?? 0) >= this.#limits.participantsPerRoom;
    if (full || this.#sessions.size >= this.#limits.sessions) throw new AppError('server_busy');
    const holder: Holder = { grantId: claims.jti, encounterId: claims.enc, personId: claims.sub };
    // What core decides while it answers would find no session to carry it out on.
    using decided = this.#watch.begin(claims.enc);
    const redeemed = await this.#core.redeemGrant(holder);
    if (!outlet.isOpen) throw new AppError('message_out_of_order');

    const session = new Session({
      id: SessionId.parse(randomUUID()),
      claims,
      outlet,
      fetchMessages: (self) => this.#core.listMessages(self),
    });
    const room = this.#room(claims);
    this.#sessions.set(session.id, { session, room, renewal: this.#renewal(session, claims.exp * 1_000) });
    room.enter(session, redeemed.admitted);
    for (const event of decided.of(holder)) this.#carryOut(event);
    if (session.isOver) throw new AppError('grant_revoked');

    const messages =
      session.may('chat') && (redeemed.admitted || session.may('enter')) ? newest(redeemed.messages) : [];
    this.#events.sessionOpened(session.encounterId, session.id, (performance.now() - startedAt) / 1_000);
    return this.#opened({ session, room, outlet, messages, resumed: false });
  }

  /** Takes a session up by its token. Throws `resume_unknown`, the same for every reason. */
  async resume(params: Resume, sessionHashes: readonly string[], outlet: Outlet): Promise<Opened> {
    const found = this.#sessions.get(params.resume.sessionId);
    const session = found?.session;
    if (found === undefined || session === undefined || session.encounterId !== params.encounterId)
      throw new AppError('resume_unknown');
    if (!session.isResumable(params.resume.token, sessionHashes)) throw new AppError('resume_unknown');
    session.newToken();
    session.takeUp(outlet);
    const member = found.room.member(session);
    const messages =
      member !== undefined && isInVisit(member) && session.may('chat') ? await this.#missedMessages(session) : [];
    if (session.isOver || session.outlet !== outlet) throw new AppError('resume_unknown');
    this.#events.sessionResumed(session.id);
    return this.#opened({ session, room: found.room, outlet, messages, resumed: true });
  }

  /** Its socket is gone: the resume window begins (SPEC SES3). */
  socketLost(session: Session, outlet: Outlet): void {
    const room = this.#sessions.get(session.id)?.room;
    const lost = session.lose(outlet, this.#timings.resumeWindowMs, () => this.end(session, 'window-passed'));
    if (lost) room?.dispatch({ type: 'socketLost', sessionId: session.id });
  }

  end(session: Session, departure: Departure): void {
    this.#sessions.get(session.id)?.room.dispatch({ type: 'departed', sessionId: session.id, departure });
  }

  /** Core says that a grant or its visit is over. */
  refused(holder: Holder, code: CloseReason): void {
    for (const { session } of this.#sessionsIn(holder.encounterId)) {
      if (session.grantId === holder.grantId) this.end(session, code);
    }
  }

  /** The room of a session. Throws `resume_unknown` where it is over. */
  roomOf(session: Session): Room {
    const room = this.#sessions.get(session.id)?.room;
    if (room === undefined) throw new AppError('resume_unknown');
    return room;
  }

  /** Carries out what core has decided. It is the only way in which a decision takes effect. */
  visitEvent(event: VisitEvent): void {
    this.#watch.saw(event);
    this.#carryOut(event);
  }

  #carryOut(event: VisitEvent): void {
    const room = this.#rooms.get(event.encounterId);
    if (room === undefined) return;
    switch (event.type) {
      case 'admitted':
      case 'sentBack':
        room.dispatch({ type: event.type, personId: event.personId });
        return;
      case 'message':
        for (const session of room.chatting()) session.feed.receive(event.message);
        return;
      case 'ended':
        room.dispatch({ type: 'ended', reason: event.reason, at: event.at });
        return;
      case 'grantRevoked':
        for (const { session } of this.#sessionsIn(event.encounterId)) {
          if (session.grantId === event.grantId) this.end(session, 'grant_revoked');
        }
        return;
      default:
        event satisfies never;
        return;
    }
  }

  mediaEvent(event: MediaEvent): void {
    const room = this.#roomsById.get(event.roomId);
    if (room === undefined || room.state.epoch !== event.epoch || room.node?.nodeId !== event.nodeId) return;
    if (event.type === 'roomLost') {
      room.mediaLost(event.epoch);
      return;
    }
    room.dispatch({ type: 'peerNews', peerId: event.peerId, news: event });
  }

  nodeUp(): void {
    for (const room of this.#rooms.values()) room.dispatch({ type: 'nodeUp' });
  }

  nodeLost(node: NodeRef): void {
    for (const room of this.#rooms.values()) {
      const { nodeId, incarnation } = room.node ?? {};
      if (nodeId === node.nodeId && incarnation === node.incarnation) room.mediaLost(room.state.epoch);
    }
  }

  /** Ends every session and closes every room on its node. Connections are closed by whoever holds them. */
  async close(): Promise<void> {
    const rooms = [...this.#rooms.values()];
    for (const { session, renewal } of this.#sessions.values()) {
      renewal.stop();
      session.end('server_draining');
    }
    this.#sessions.clear();
    await Promise.all(rooms.map((room) => room.close()));
    this.#rooms.clear();
    this.#roomsById.clear();
  }

  #opened(options: {
    session: Session;
    room: Room;
    outlet: Outlet;
    messages: ChatMessage[];
    resumed: boolean;
  }): Opened {
    const { session, room, outlet, messages, resumed } = options;
    const view = room.view(session.personId);
    if (view === undefined) throw new AppError('resume_unknown');
    const media = room.member(session)?.media;
    const capabilities = this.#placement.routerRtpCapabilities;
    // Who is back is connected from the welcome on; the others hear of it when it has gone out.
    const you = { ...view.you, connected: true };
    session.viewGiven({ ...view, you });
    session.feed.given(messages);
    const welcome: Welcome = {
      sessionId: session.id,
      resumeToken: session.newToken(),
      resumed,
      permissions: session.permissions,
      room: { ...view, you },
      messages,
      ...(capabilities === undefined ? {} : { routerRtpCapabilities: capabilities }),
      ...(media?.kind === 'open' && media.acknowledged ? { mediaEpoch: room.state.epoch } : {}),
    };
    return { session, welcome, begin: () => this.#begin(session, room, outlet) };
  }

  #begin(session: Session, room: Room, outlet: Outlet): void {
    if (!outlet.isOpen) {
      this.socketLost(session, outlet);
      return;
    }
    session.welcomed(outlet);
    room.dispatch({ type: 'resumed', sessionId: session.id });
    room.tellViews();
  }

  async #missedMessages(session: Session): Promise<ChatMessage[]> {
    try {
      return newest(await this.#core.listMessages(session, this.#timings.resumeMessagesTimeoutMs));
    } catch (error) {
      this.#events.coreCallFailed('listMessages', error);
      return [];
    }
  }

  *#sessionsIn(encounterId: EncounterId): Iterable<{ readonly session: Session }> {
    const members = this.#rooms.get(encounterId)?.state.members.values() ?? [];
    for (const member of [...members]) {
      const entry = this.#sessions.get(member.sessionId);
      if (entry !== undefined) yield entry;
    }
  }

  #renewal(session: Session, expiresAt: number): GrantRenewal {
    const renewal = new GrantRenewal({
      clock: this.#clock,
      delays: this.#timings,
      renew: () => this.#core.renewGrant(session),
      onRefused: (code) => this.end(session, code),
    });
    renewal.start(expiresAt);
    return renewal;
  }

  #room({ enc, room: roomId }: GrantClaims): Room {
    const known = this.#rooms.get(enc);
    if (known !== undefined) return known;
    const room = new Room({
      encounterId: enc,
      roomId,
      epoch: this.#lastEpoch,
      deps: this.#roomDeps,
      onSessionEnded: (session, departure) => {
        this.#sessions.get(session.id)?.renewal.stop();
        this.#sessions.delete(session.id);
        this.#events.sessionEnded(session.id, departure);
      },
      onOver: (over) => {
        this.#lastEpoch = Math.max(this.#lastEpoch, over.state.epoch);
        this.#rooms.delete(over.encounterId);
        this.#roomsById.delete(over.roomId);
      },
    });
    this.#rooms.set(enc, room);
    this.#roomsById.set(roomId, room);
    return room;
  }
}
