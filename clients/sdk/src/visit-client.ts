import {
  backoffMs,
  type EncounterId,
  type MediaSource,
  type Permissions,
  type PersonId,
  type RoomView,
  type RtpCapabilities,
  type Welcome,
} from '@bedside/protocol';
import { browserPlatform } from './browser-platform.ts';
import { ChatThread } from './chat-thread.ts';
import { NetworkLook } from './checks/network-look.ts';
import { Emitter } from './emitter.ts';
import { isConnectionLoss, isPassing, type VisitError, visitErrorOf } from './errors.ts';
import { MediaEngine } from './media/media-engine.ts';
import { mediaPathOf } from './media/media-path.ts';
import type { LocalSource } from './media/publisher.ts';
import type { PathQuality } from './media/quality.ts';
import { QualityMonitor } from './media/quality-monitor.ts';
import type { Platform } from './platform.ts';
import type { VisitEnd } from './signaling/close-verdict.ts';
import type { ServerEvent } from './signaling/connection.ts';
import { type GetGrant, SignalingSession } from './signaling/session.ts';
import { connectionOf, INITIAL_STATE, phaseOf, type VisitState } from './visit-state.ts';

export interface VisitEvents {
  /** After every change, with the whole new state. */
  change: VisitState;
  /** A host muted one of this person's own sources; only this person can take it up again. */
  mutedByHost: { source: MediaSource; by: PersonId };
  /** Something went wrong that does not end the visit; the rest goes on. */
  problem: VisitError;
  /** Once. Nothing follows. */
  ended: VisitEnd;
}

/**
 * One person's part in one visit.
 *
 * ```ts
 * const visit = new VisitClient({ encounterId, getGrant });
 * visit.on('change', (state) => render(state));
 * visit.open();                                            // at the start of the device check
 * visit.setLocal('microphone', { track, muted: false });   // any time
 * visit.enter();                                           // the click on "Join"
 * ```
 *
 * Tracks belong to the caller: the client never stops them. Everything reconnects by itself until `ended`.
 */
export class VisitClient extends Emitter<VisitEvents> {
  readonly #platform: Platform;
  readonly #session: SignalingSession;
  readonly #media: MediaEngine;
  readonly #chat: ChatThread;
  readonly #quality: QualityMonitor;
  readonly #network: NetworkLook;
  #state: VisitState = INITIAL_STATE;
  #opened = false;
  /** The holder asked to come in; a new session asks again by itself. */
  #wantsIn = false;
  #room: RoomView | undefined;
  #permissions: Permissions | undefined;
  #routerCapabilities: RtpCapabilities | undefined;
  #pathQuality: PathQuality = 'good';
  #end: VisitEnd | undefined;
  #renewals = 0;
  #cancelRenewal: () => void = () => undefined;

  constructor(options: { encounterId: EncounterId; getGrant: GetGrant; platform?: Platform }) {
    super();
    const platform = options.platform ?? browserPlatform();
    this.#platform = platform;
    this.#session = new SignalingSession({ ...options, platform });
    this.#media = new MediaEngine({ request: this.#session.request.bind(this.#session), platform });
    this.#chat = new ChatThread({
      send: (message) => this.#session.request('chat', message),
      uuid: platform.uuid,
      changed: (chat) => this.#update({ chat }),
    });
    this.#quality = new QualityMonitor({
      timers: platform.timers,
      getStats: () => this.#lookAtPath(),
      changed: (quality) => {
        this.#pathQuality = quality;
        this.#update({});
      },
    });
    this.#network = new NetworkLook({ platform, found: (network) => this.#update({ network }) });
    this.#session.on('grant', ({ iceServers }) => {
      this.#media.iceServers = iceServers;
      this.#network.soon(iceServers);
    });
    this.#session.on('status', () => this.#update({}));
    this.#session.on('welcome', (welcome) => this.#welcomed(welcome));
    this.#session.on('server', (event) => this.#handle(event));
    this.#session.on('closed', (end) => this.#ended(end));
    this.#media.on('remote', (remote) => this.#update({ remote }));
    this.#media.on('failed', (error) => this.emit('problem', error));
    this.#media.on('lost', () => this.#renewSoon());
    this.#media.on('status', (status) => {
      if (status === 'connected') {
        this.#quality.start();
        this.#lookAtPath().catch(() => undefined);
      }
      if (status === 'none' || status === 'broken') this.#quality.stop();
      this.#update(status === 'none' ? { path: undefined } : {});
    });
  }

  get state(): VisitState {
    return this.#state;
  }

  /** Connects and says hello: the others see `device-check`, and all that takes time is prepared. */
  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#session.start();
    this.#update({});
  }

  /** The device check is done. Goes straight into the visit where that is allowed, else into the waiting room. */
  enter(): void {
    this.#wantsIn = true;
    this.#network.close();
    this.#update({});
    void this.#sayReady();
  }

  /** What to send of a source; `undefined` stops it. May be called in any phase; nothing is sent before admission. */
  setLocal(source: MediaSource, wanted: LocalSource | undefined): void {
    this.#media.setLocal(source, wanted);
    const { [source]: _, ...others } = this.#state.local;
    this.#update({ local: wanted ? { ...others, [source]: wanted } : others });
  }

  /** Leaves for good. Resolves when the server knows, or could not be told. */
  async leave(): Promise<void> {
    await this.#session.leave();
  }

  /** Lets go of everything without telling: the server keeps the place for the resume window. */
  close(): void {
    this.#session.stop({ kind: 'left' });
  }

  /** Permission `admit`. Rejects with `participant_unknown`, `not_permitted`, or a lost connection. */
  admit(personId: PersonId): Promise<void> {
    return this.#session.request('admit', { personId }).then(nothing);
  }

  /** Permission `admit`: back to the waiting room. */
  sendBack(personId: PersonId): Promise<void> {
    return this.#session.request('sendBack', { personId }).then(nothing);
  }

  /** Permission `mute`. */
  muteOther(personId: PersonId, source: MediaSource): Promise<void> {
    return this.#session.request('mute', { personId, source }).then(nothing);
  }

  /** Permission `end`: for everybody. */
  endVisit(): Promise<void> {
    return this.#session.request('end', undefined).then(nothing);
  }

  /** See `VisitState.chat` for its fate. Throws `message_invalid` or `too_many_requests`. */
  sendChat(text: string): void {
    this.#chat.post(text);
  }

  retryChat(clientMessageId: string): void {
    this.#chat.retry(clientMessageId);
  }

  #welcomed(welcome: Welcome): void {
    this.#permissions = welcome.permissions;
    this.#room = welcome.room;
    if (welcome.routerRtpCapabilities) {
      this.#routerCapabilities = welcome.routerRtpCapabilities;
      // Loaded while the person looks at the preview; a failure shows when it is needed.
      this.#media.load(welcome.routerRtpCapabilities).catch((error) => this.emit('problem', visitErrorOf(error)));
    }
    if (!welcome.resumed) this.#media.withdraw();
    else if (!this.#media.resumed(welcome.mediaEpoch)) this.#renewSoon();
    this.#chat.add(welcome.messages);
    void this.#chat.flush();
    if (this.#wantsIn && welcome.room.you.presence === 'device-check') void this.#sayReady();
    this.#update({});
  }

  async #sayReady(): Promise<void> {
    if (this.#session.status !== 'connected') return;
    // No media server is known to signaling yet: ask again with a new session.
    if (!this.#routerCapabilities) return this.#renewSoon();
    try {
      const rtpCapabilities = await this.#media.receivable(this.#routerCapabilities);
      markJoin('asked in');
      await this.#session.request('ready', { rtpCapabilities });
    } catch (error) {
      // After a lost connection the next welcome asks again.
      if (isConnectionLoss(error)) return;
      const problem = visitErrorOf(error);
      this.emit('problem', problem);
      if (isPassing(problem.code)) this.#renewSoon();
    }
  }

  #handle(message: ServerEvent): void {
    switch (message.event) {
      case 'room':
        this.#room = message.data;
        return this.#update({});
      case 'media.offer':
        markJoin('offered');
        this.#renewals = 0;
        this.#cancelRenewal();
        return void this.#media.take(message.data);
      case 'media.withdrawn':
        return this.#media.withdraw();
      case 'media.consumer':
        return this.#media.addConsumer(message.data);
      case 'media.consumerClosed':
        return this.#media.removeConsumer(message.data.consumerId);
      case 'media.consumerPaused':
        return this.#media.pauseConsumer(message.data.consumerId, message.data.paused);
      case 'muted': {
        const { source, by } = message.data;
        this.#media.mutedByHost(source);
        const local = this.#state.local[source];
        if (local) this.#update({ local: { ...this.#state.local, [source]: { ...local, muted: true } } });
        return this.emit('mutedByHost', { source, by });
      }
      case 'chat':
        return this.#chat.add([message.data]);
      case 'ended':
        return this.#session.stop({ kind: 'ended', reason: message.data.reason });
      default:
        return message satisfies never;
    }
  }

  /** The statistics of the media there is; which way it takes shows in the state. */
  async #lookAtPath(): Promise<RTCStatsReport[]> {
    const session = this.#media.session;
    const reports = (await session?.getStats()) ?? [];
    const path = mediaPathOf(reports);
    if (session === this.#media.session && path !== undefined && path !== this.#state.path) this.#update({ path });
    return reports;
  }

  #renewSoon(): void {
    this.#cancelRenewal();
    const delayMs = backoffMs({
      attempt: this.#renewals++,
      baseMs: 1_000,
      maxMs: 15_000,
      random: this.#platform.random,
    });
    this.#cancelRenewal = this.#platform.timers.after(delayMs, () => this.#session.renew());
  }

  #ended(end: VisitEnd): void {
    this.#end = end;
    this.#cancelRenewal();
    this.#network.close();
    this.#quality.stop();
    this.#media.close();
    this.#update({});
    this.emit('ended', end);
  }

  #update(change: Partial<VisitState>): void {
    const phase = phaseOf({
      end: this.#end,
      opened: this.#opened,
      asked: this.#wantsIn,
      room: this.#room,
      before: this.#state.phase,
    });
    const connection = connectionOf({
      session: this.#session.status,
      media: this.#media.status,
      quality: this.#pathQuality,
      phase,
    });
    this.#state = {
      ...this.#state,
      ...change,
      phase,
      connection,
      permissions: this.#permissions,
      room: this.#room,
      end: this.#end,
    };
    this.emit('change', this.#state);
  }
}

const nothing = (): void => undefined;

/** Steps of a join in the browser's own timeline (User Timing), for whoever looks into a slow one. */
const markJoin = (step: string): void => void performance.mark(`join:${step}`);
