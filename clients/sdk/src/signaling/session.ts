import {
  backoffMs,
  type EncounterId,
  type Grant,
  type HelloParams,
  RESUME_WINDOW_MS,
  type RequestParams,
  type RequestResult,
  type RequestType,
  SIGNALING_SUBPROTOCOL,
  type Welcome,
} from '@bedside/protocol';
import { Emitter } from '../emitter.ts';
import { isPassing, VisitError, visitErrorOf } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { type CloseVerdict, closeVerdict, type VisitEnd } from './close-verdict.ts';
import { type ServerEvent, SignalingConnection } from './connection.ts';

/** What the SDK needs of a room grant; `Grant` of the protocol fits. */
export type VisitGrant = Pick<Grant, 'token' | 'signalingUrl' | 'iceServers'>;

/** Asks core for a fresh grant. Rejects with a `VisitError`; one that is not passing (`isPassing`) ends the visit here. */
export type GetGrant = (signal: AbortSignal) => Promise<VisitGrant>;

export type SessionStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'offline' | 'closed';

export interface SessionEvents {
  status: SessionStatus;
  /** After each hello, resumed or not. */
  welcome: Welcome;
  server: ServerEvent;
  grant: VisitGrant;
  closed: VisitEnd;
}

type State =
  | { name: 'idle' | 'offline' | 'closed' }
  | { name: 'granting'; abort: AbortController }
  | { name: 'greeting' | 'open'; connection: SignalingConnection; cancel: () => void }
  | { name: 'pausing'; cancel: () => void };

const GREETING_TIMEOUT_MS = 10_000;
const PROBE_INTERVAL_MS = 15_000;
const BASE_DELAY_MS = 250;
const MAX_DELAY_MS = 10_000;
/** Grants refused one after another before asking for more is pointless. */
const MAX_REFUSED_GRANTS = 2;

/**
 * One person's session with signaling, across as many sockets as it takes: resumes first, falls back to a fresh grant,
 * waits while the browser is offline, and ends only when the server or the holder says so.
 */
export class SignalingSession extends Emitter<SessionEvents> {
  readonly #encounterId: EncounterId;
  readonly #getGrant: GetGrant;
  readonly #platform: Platform;
  readonly #stopListening: () => void;
  #state: State = { name: 'idle' };
  #status: SessionStatus = 'idle';
  #signalingUrl = '';
  #resume: Pick<Welcome, 'sessionId' | 'resumeToken'> | undefined;
  #lostAtMs = 0;
  #attempt = 0;
  #refusedGrants = 0;
  #greetedBefore = false;

  constructor(options: { encounterId: EncounterId; getGrant: GetGrant; platform: Platform }) {
    super();
    this.#encounterId = options.encounterId;
    this.#getGrant = options.getGrant;
    this.#platform = options.platform;
    this.#stopListening = options.platform.network.onChange((online) => this.#networkChanged(online));
  }

  get status(): SessionStatus {
    return this.#status;
  }

  start(): void {
    if (this.#state.name === 'idle') this.#connect();
  }

  /** Rejects with `not_connected` while there is no open session, else as `SignalingConnection.request`. */
  request<Type extends RequestType>(type: Type, data: RequestParams<Type>): Promise<RequestResult<Type>> {
    if (this.#state.name !== 'open') return Promise.reject(new VisitError('not_connected'));
    return this.#state.connection.request(type, data);
  }

  /** Throws the session away and opens a new one with a fresh grant: for when its media cannot be mended. */
  renew(): void {
    if (this.#state.name === 'closed' || this.#state.name === 'idle') return;
    this.#resume = undefined;
    this.#retry(0);
  }

  /** Tells the server that this person leaves for good; ends here even when nobody answers. */
  async leave(): Promise<void> {
    try {
      await this.request('leave', undefined);
    } catch {
      // Gone is gone: without an answer the server notices when the resume window has passed.
    }
    this.stop({ kind: 'left' });
  }

  stop(end: VisitEnd): void {
    if (this.#state.name === 'closed') return;
    this.#drop();
    this.#state = { name: 'closed' };
    this.#stopListening();
    this.#setStatus('closed');
    this.emit('closed', end);
  }

  #connect(): void {
    this.#drop();
    if (!this.#platform.network.isOnline()) {
      this.#state = { name: 'offline' };
      return this.#setStatus('offline');
    }
    this.#setStatus(this.#greetedBefore ? 'reconnecting' : 'connecting');
    const resume = this.#resume;
    if (resume && this.#platform.now() - this.#lostAtMs < RESUME_WINDOW_MS) {
      return this.#greet({
        encounterId: this.#encounterId,
        resume: { sessionId: resume.sessionId, token: resume.resumeToken },
      });
    }
    this.#resume = undefined;
    void this.#connectWithGrant();
  }

  async #connectWithGrant(): Promise<void> {
    const abort = new AbortController();
    this.#state = { name: 'granting', abort };
    try {
      const grant = await this.#getGrant(abort.signal);
      if (abort.signal.aborted) return;
      this.#signalingUrl = grant.signalingUrl;
      this.emit('grant', grant);
      this.#greet({ encounterId: this.#encounterId, grant: grant.token });
    } catch (cause) {
      if (abort.signal.aborted) return;
      const { code } = visitErrorOf(cause);
      if (isPassing(code)) return this.#retry(0);
      this.stop(code === 'visit_over' ? { kind: 'ended' } : { kind: 'refused', code });
    }
  }

  #greet(hello: HelloParams): void {
    const connection: SignalingConnection = new SignalingConnection({
      socket: this.#platform.openSocket(this.#signalingUrl, SIGNALING_SUBPROTOCOL),
      timers: this.#platform.timers,
      handlers: {
        opened: () => void this.#sayHello(connection, hello),
        event: (event) => this.emit('server', event),
        closed: (code, reason) => this.#connectionClosed(connection, code, reason),
      },
    });
    const cancel = this.#platform.timers.after(GREETING_TIMEOUT_MS, () => connection.close(4000, 'request_timeout'));
    this.#state = { name: 'greeting', connection, cancel };
  }

  async #sayHello(connection: SignalingConnection, hello: HelloParams): Promise<void> {
    try {
      const welcome = await connection.request('hello', hello);
      if (this.#state.name !== 'greeting' || this.#state.connection !== connection) return;
      this.#state.cancel();
      this.#state = { name: 'open', connection, cancel: () => undefined };
      this.#resume = { sessionId: welcome.sessionId, resumeToken: welcome.resumeToken };
      this.#attempt = 0;
      this.#refusedGrants = 0;
      this.#greetedBefore = true;
      this.#scheduleProbe(connection);
      this.#setStatus('connected');
      this.emit('welcome', welcome);
    } catch {
      // The server closes with the reason after a refused hello; should it not, the greeting timeout does.
    }
  }

  #scheduleProbe(connection: SignalingConnection): void {
    if (this.#state.name !== 'open' || this.#state.connection !== connection) return;
    this.#state.cancel = this.#platform.timers.after(PROBE_INTERVAL_MS, () => {
      // A ping without an answer closes the connection, which begins the reconnect.
      connection.request('ping', undefined).then(
        () => this.#scheduleProbe(connection),
        () => undefined,
      );
    });
  }

  #connectionClosed(connection: SignalingConnection, code: number, reason: string): void {
    if ((this.#state.name !== 'open' && this.#state.name !== 'greeting') || this.#state.connection !== connection)
      return;
    if (this.#state.name === 'open') this.#lostAtMs = this.#platform.now();
    this.#state.cancel();
    this.#follow(closeVerdict(code, reason));
  }

  #follow(verdict: CloseVerdict): void {
    switch (verdict.next) {
      case 'stop':
        return this.stop(verdict.end);
      case 'resume':
        return this.#retry(verdict.minDelayMs);
      case 'new-grant':
        if (this.#resume) {
          // The session could not be taken up; that says nothing yet about a grant.
          this.#resume = undefined;
          return this.#connect();
        }
        this.#refusedGrants += 1;
        if (this.#refusedGrants >= MAX_REFUSED_GRANTS) return this.stop({ kind: 'refused', code: verdict.code });
        return this.#retry(0);
      default:
        return verdict satisfies never;
    }
  }

  #retry(minDelayMs: number): void {
    this.#drop();
    const { random, timers } = this.#platform;
    const delayMs = backoffMs({ attempt: this.#attempt++, baseMs: BASE_DELAY_MS, maxMs: MAX_DELAY_MS, random });
    this.#state = { name: 'pausing', cancel: timers.after(Math.max(minDelayMs, delayMs), () => this.#connect()) };
    this.#setStatus(this.#greetedBefore ? 'reconnecting' : 'connecting');
  }

  #networkChanged(online: boolean): void {
    if (
      online &&
      (this.#state.name === 'offline' || this.#state.name === 'pausing' || this.#state.name === 'greeting')
    ) {
      this.#attempt = 0;
      return this.#connect();
    }
    // The path has changed under an open socket: take the session up on a new one rather than wait for silence.
    if (online && this.#state.name === 'open') return this.#connectAgain();
    if (!online && this.#state.name === 'pausing') {
      this.#drop();
      this.#state = { name: 'offline' };
      this.#setStatus('offline');
    }
  }

  #connectAgain(): void {
    this.#lostAtMs = this.#platform.now();
    this.#connect();
  }

  /** Leaves the present state: nothing of it calls back any more. */
  #drop(): void {
    const state = this.#state;
    this.#state = { name: 'idle' };
    if (state.name === 'granting') state.abort.abort();
    if (state.name === 'pausing') state.cancel();
    if (state.name === 'open' || state.name === 'greeting') {
      state.cancel();
      state.connection.close();
    }
  }

  #setStatus(status: SessionStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.emit('status', status);
  }
}
