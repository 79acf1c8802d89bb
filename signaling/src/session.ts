import type {
  ChatMessage,
  EncounterId,
  EventData,
  EventName,
  GrantClaims,
  GrantId,
  Permission,
  Permissions,
  PersonId,
  RoomView,
  SessionId,
  VisitRole,
} from '@bedside/protocol';
import { ChatFeed } from './chat-feed.ts';
import type { Holder } from './core-client.ts';
import { isResumeToken, newResumeToken, type ResumeTokenHash } from './resume-token.ts';
import type { Departure } from './room/room-state.ts';

/** The socket's end of a session. */
export interface Outlet {
  readonly isOpen: boolean;
  tell<Name extends EventName>(event: Name, data: EventData<Name>): void;
  /** Tells why and closes; nothing is sent after it. */
  close(reason: Departure | 'server_draining'): void;
}

type SessionSocket =
  /** A hello is being answered; the client hears of nothing before its welcome. */
  | { readonly kind: 'opening'; readonly outlet: Outlet }
  | { readonly kind: 'open'; readonly outlet: Outlet }
  /** Can be resumed until the timer fires. */
  | { readonly kind: 'lost'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'over' };

/**
 * One person's stay in a visit, by one grant. It outlives its sockets by the resume window (SPEC SES3). What a client
 * misses while its socket is lost is not kept here: the room tells it anew on resume.
 */
export class Session implements Holder {
  readonly id: SessionId;
  readonly personId: PersonId;
  readonly encounterId: EncounterId;
  readonly grantId: GrantId;
  readonly role: VisitRole;
  readonly permissions: Permissions;
  readonly feed: ChatFeed;
  readonly #sid: string;
  #socket: SessionSocket;
  #tokenHash: ResumeTokenHash | undefined;
  #lastView = '';

  constructor(options: {
    id: SessionId;
    claims: GrantClaims;
    outlet: Outlet;
    fetchMessages: (session: Session) => Promise<readonly ChatMessage[]>;
  }) {
    this.id = options.id;
    this.personId = options.claims.sub;
    this.encounterId = options.claims.enc;
    this.grantId = options.claims.jti;
    this.role = options.claims.role;
    this.permissions = options.claims.perm;
    this.#sid = options.claims.sid;
    this.#socket = { kind: 'opening', outlet: options.outlet };
    this.feed = new ChatFeed({
      fetch: () => options.fetchMessages(this),
      deliver: (message) => this.tell('chat', message),
    });
  }

  may(permission: Permission): boolean {
    return this.permissions[permission];
  }

  get isOver(): boolean {
    return this.#socket.kind === 'over';
  }

  get outlet(): Outlet | undefined {
    return 'outlet' in this.#socket ? this.#socket.outlet : undefined;
  }

  /** A new resume token; the one before is dead (SPEC SES4). */
  newToken(): string {
    const { token, hash } = newResumeToken();
    this.#tokenHash = hash;
    return token;
  }

  /** Whether this token, from a browser with these session cookies, takes the session up. */
  isResumable(token: string, sessionHashes: readonly string[]): boolean {
    if (this.isOver || this.#tokenHash === undefined) return false;
    return isResumeToken(token, this.#tokenHash) && sessionHashes.includes(this.#sid);
  }

  /** The holder has a new socket; an older one that is still there is closed. */
  takeUp(outlet: Outlet): void {
    const before = this.#socket;
    if (before.kind === 'over') return;
    this.#socket = { kind: 'opening', outlet };
    if (before.kind === 'lost') clearTimeout(before.timer);
    else before.outlet.close('session_replaced');
  }

  /** The welcome is on its way: events may follow it. */
  welcomed(outlet: Outlet): void {
    if (this.#socket.kind === 'opening' && this.#socket.outlet === outlet) this.#socket = { kind: 'open', outlet };
  }

  /** False where `outlet` is not this session's socket any more. */
  lose(outlet: Outlet, windowMs: number, onPassed: () => void): boolean {
    if (this.outlet !== outlet) return false;
    this.#socket = { kind: 'lost', timer: setTimeout(onPassed, windowMs) };
    return true;
  }

  end(departure: Departure | 'server_draining'): void {
    const before = this.#socket;
    this.#socket = { kind: 'over' };
    this.feed.close();
    if (before.kind === 'lost') clearTimeout(before.timer);
    else if (before.kind !== 'over') before.outlet.close(departure);
  }

  tell<Name extends EventName>(event: Name, data: EventData<Name>): void {
    if (this.#socket.kind === 'open') this.#socket.outlet.tell(event, data);
  }

  /** Tells the view if it is another than the last one told: who waits hears nothing of what they may not see. */
  tellView(view: RoomView): void {
    const text = JSON.stringify(view);
    if (this.#socket.kind !== 'open' || text === this.#lastView) return;
    this.#lastView = text;
    this.#socket.outlet.tell('room', view);
  }

  /** The welcome carries this view. */
  viewGiven(view: RoomView): void {
    this.#lastView = JSON.stringify(view);
  }
}
