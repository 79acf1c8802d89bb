import {
  EncounterId,
  GrantId,
  type MediaOffer,
  type PeerId,
  Permissions,
  PersonId,
  type RtpCapabilities,
  SessionId,
} from '@bedside/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step } from './room-machine.ts';
import {
  createRoomState,
  type Departure,
  type Entrant,
  isInVisit,
  type Member,
  type RoomEffect,
  type RoomEvent,
  type RoomState,
} from './room-state.ts';
import { viewOf } from './room-view.ts';

const id = (kind: number, n: number): string => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const encounterId = EncounterId.parse(id(1, 0));
const person = (n: number) => PersonId.parse(id(2, n));
const session = (n: number) => SessionId.parse(id(3, n));
const capabilities: RtpCapabilities = { codecs: [] };
const SPEAK = { publishAudio: true, publishVideo: true, subscribe: true, chat: true };
const PATIENT = Permissions.parse(SPEAK);
const HOST = Permissions.parse({ ...SPEAK, enter: true, admit: true, mute: true, end: true });

const entrant = (n: number, s: number, permissions = PATIENT, admitted = false): Entrant => ({
  personId: person(n),
  role: permissions.admit ? 'provider' : 'patient',
  permissions,
  sessionId: session(s),
  grantId: GrantId.parse(id(4, s)),
  admitted,
});
const offer = (epoch: number): MediaOffer => ({ epoch, routerRtpCapabilities: capabilities, consumers: [] });

/** Runs events one after the other; `effects` are those of the last one. */
const run = (events: readonly RoomEvent[], from: RoomState = createRoomState({ encounterId, epoch: 0 })) => {
  let state = from;
  let effects: readonly RoomEffect[] = [];
  for (const event of events) ({ state, effects } = step(state, event, 1_000));
  return { state, effects, types: effects.map(({ type }) => type) };
};

const opened = (n: number, permissions = PATIENT, admitted = false): RoomEvent => ({
  type: 'opened',
  entrant: entrant(n, n, permissions, admitted),
});
const ready = (n: number): RoomEvent => ({ type: 'ready', sessionId: session(n), rtpCapabilities: capabilities });
const admitted = (n: number): RoomEvent => ({ type: 'admitted', personId: person(n) });
const sentBack = (n: number): RoomEvent => ({ type: 'sentBack', personId: person(n) });
const placed: RoomEvent = { type: 'placed', epoch: 1_000 };
const peerOf = (n: number, count = 0) => `${session(n)}.${count}` as PeerId;
const peerOpened = (n: number): RoomEvent => ({ type: 'peerOpened', peerId: peerOf(n), offer: offer(1_000) });

describe('the room', () => {
  it('WAIT1: places the room when somebody is ready, and opens a peer only after admission', () => {
    expect(run([opened(1)]).types).toEqual(['report', 'tellViews']);
    expect(run([opened(1), ready(1)]).types).toEqual(['report', 'tellViews', 'openRoom']);
    expect(run([opened(1), ready(1), placed]).types).toEqual([]);
    expect(run([opened(1), ready(1), placed, admitted(1)]).types).toEqual(['report', 'tellViews', 'chat', 'openPeer']);
    expect(run([opened(1), admitted(1)]).types).toEqual(['openRoom']);
  });

  it('places the room for a host before the click, and opens the peer in the same step as ready', () => {
    expect(run([opened(1, HOST)]).types).toContain('openRoom');
    expect(run([opened(1, HOST), placed, ready(1)]).types).toEqual([
      'report',
      'tellViews',
      'report',
      'tellViews',
      'chat',
      'openPeer',
    ]);
  });

  it('MED6: epochs rise even when the clock stands still or falls back', () => {
    const inVisit = [opened(1, HOST), placed, ready(1), peerOpened(1)];
    const { state, effects } = run([...inVisit, { type: 'roomLost', epoch: 1_000 }]);
    expect(state.epoch).toBe(1_001);
    expect(effects).toContainEqual({ type: 'openRoom', epoch: 1_001, attempt: 0 });
    expect(createRoomState({ encounterId, epoch: 5_000 }).epoch).toBe(5_000);
    expect(run([opened(1, HOST)], createRoomState({ encounterId, epoch: 5_000 })).state.epoch).toBe(5_001);
  });

  it('WAIT5: sending back closes the peer, and tells only when it is closed', () => {
    const inVisit = [opened(1), ready(1), placed, admitted(1), peerOpened(1)];
    expect(run([...inVisit, sentBack(1)]).types).toEqual(['chat', 'closePeer']);
    const { types, state } = run([...inVisit, sentBack(1), { type: 'peerClosed', peerId: peerOf(1) }]);
    expect(types).toEqual(['tell', 'report', 'tellViews']);
    expect(state.members.get(person(1))?.presence).toBe('ready');
    const again = run([...inVisit, sentBack(1), admitted(1), { type: 'peerClosed', peerId: peerOf(1) }]);
    expect(again.types).toEqual(['tell', 'report', 'tellViews', 'report', 'tellViews', 'chat', 'openPeer']);
  });

  it('SES5: a new session of a person ends the older one, closes its peer and keeps their place', () => {
    const { state, effects } = run([
      opened(1),
      opened(2),
      ready(1),
      placed,
      admitted(1),
      { type: 'opened', entrant: entrant(1, 9) },
    ]);
    expect(effects.slice(0, 2)).toMatchObject([
      { type: 'closePeer' },
      { type: 'endSession', departure: 'session_replaced' },
    ]);
    expect([...state.members.keys()]).toEqual([person(1), person(2)]);
  });

  it('ends with the last member, and takes nothing in after that', () => {
    const { state, types } = run([
      opened(1),
      ready(1),
      placed,
      { type: 'departed', sessionId: session(1), departure: 'left' },
    ]);
    expect(types).toEqual(['endSession', 'reportLeft', 'tellViews', 'closeRoom']);
    expect(state.over).toBe(true);
    expect(step(state, opened(2), 1).effects).toEqual([]);
  });

  it('never gives a view with somebody that WAIT3 hides', () => {
    const { state } = run([opened(1), opened(2), opened(3, HOST), ready(2), admitted(2)]);
    expect(viewOf(state, person(1))).toMatchObject({ others: [], hostPresent: true });
    expect(viewOf(state, person(2))?.others).toEqual([]);
    expect(viewOf(state, person(3))?.others).toHaveLength(2);
    expect(viewOf(state, person(7))).toBeUndefined();
  });
});

const PEOPLE = 4;
const permissionSets = [PATIENT, HOST, Permissions.parse({ subscribe: true }), Permissions.parse({ chat: true })];
const departures: Departure[] = ['left', 'window-passed', 'grant_revoked', 'visit_over'];

/** A model of the world around the room: it answers effects in any order, late, or not at all. */
type Action =
  | { do: 'open'; n: number; permissions: number; admitted: boolean }
  | { do: 'person'; n: number; what: 'lost' | 'resumed' | 'ready' | 'admitted' | 'sentBack' | 'acknowledged' }
  | { do: 'depart'; n: number; departure: Departure }
  | { do: 'answer'; which: number; well: boolean }
  | { do: 'media'; what: 'roomLost' | 'retryDue' | 'nodeUp'; late: boolean };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    n: fc.nat(PEOPLE - 1),
    permissions: fc.nat(3),
    admitted: fc.boolean(),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('person' as const),
      n: fc.nat(PEOPLE - 1),
      what: fc.constantFrom('lost', 'resumed', 'ready', 'admitted', 'sentBack', 'acknowledged'),
    }),
  },
  fc.record({ do: fc.constant('depart' as const), n: fc.nat(PEOPLE - 1), departure: fc.constantFrom(...departures) }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(20), well: fc.boolean() }) },
  fc.record({
    do: fc.constant('media' as const),
    what: fc.constantFrom('roomLost', 'retryDue', 'nodeUp'),
    late: fc.boolean(),
  }),
);

class World {
  state = createRoomState({ encounterId, epoch: 0 });
  /** Commands under way at the media nodes. */
  readonly asked: Extract<RoomEffect, { type: 'openRoom' | 'openPeer' | 'closePeer' }>[] = [];
  readonly live = new Set<SessionId>();
  /** By core's last word. */
  readonly admitted = new Set<PersonId>();
  readonly peers = new Map<PeerId, PersonId>();
  /** Told of media by an offer and not told that it is withdrawn. */
  readonly withMedia = new Set<SessionId>();
  #sessions = 0;
  #epoch = 0;

  act(a: Action): void {
    switch (a.do) {
      case 'open':
        this.#open(a);
        return;
      case 'person':
        this.#person(a);
        return;
      case 'depart':
        this.#take({ type: 'departed', sessionId: this.#sessionOf(a.n), departure: a.departure });
        return;
      case 'answer':
        this.#answer(a.which, a.well);
        return;
      case 'media':
        if (a.what === 'roomLost') {
          this.#take({ type: 'roomLost', epoch: this.state.epoch - (a.late ? 1 : 0) });
          return;
        }
        this.#take({ type: a.what });
        return;
      default:
        a satisfies never;
        return;
    }
  }

  #sessionOf(n: number): SessionId {
    return this.state.members.get(person(n))?.sessionId ?? session(999);
  }

  #open(a: Extract<Action, { do: 'open' }>): void {
    const permissions = permissionSets[a.permissions] ?? PATIENT;
    if (a.admitted) this.admitted.add(person(a.n));
    else this.admitted.delete(person(a.n));
    this.#sessions += 1;
    const newcomer = entrant(a.n, this.#sessions, permissions, a.admitted);
    if (!this.state.over) this.live.add(newcomer.sessionId);
    this.#take({ type: 'opened', entrant: newcomer });
  }

  #person({ n, what }: Extract<Action, { do: 'person' }>): void {
    const sessionId = this.#sessionOf(n);
    if (what === 'admitted') this.admitted.add(person(n));
    if (what === 'sentBack') this.admitted.delete(person(n));
    const events: Record<typeof what, RoomEvent> = {
      lost: { type: 'socketLost', sessionId },
      resumed: { type: 'resumed', sessionId },
      ready: { type: 'ready', sessionId, rtpCapabilities: capabilities },
      acknowledged: { type: 'acknowledged', sessionId, consumerIds: [] },
      admitted: { type: 'admitted', personId: person(n) },
      sentBack: { type: 'sentBack', personId: person(n) },
    };
    this.#take(events[what]);
  }

  #answer(which: number, well: boolean): void {
    const asked = this.asked.splice(which % Math.max(1, this.asked.length), 1)[0];
    if (asked === undefined) return;
    const { epoch } = asked;
    if (asked.type === 'openRoom') {
      this.#take({ type: well ? 'placed' : 'placeFailed', epoch });
      return;
    }
    if (asked.type === 'closePeer') {
      this.#take({ type: 'peerClosed', peerId: asked.peerId });
      return;
    }
    const { peerId } = asked;
    if (!well) this.peers.delete(peerId);
    this.#take(well ? { type: 'peerOpened', peerId, offer: offer(epoch) } : { type: 'peerRefused', peerId });
  }

  #take(event: RoomEvent): void {
    const { state, effects } = step(this.state, event, 1_000);
    this.state = state;
    for (const effect of effects) this.#saw(effect);
    this.#check();
  }

  #saw(effect: RoomEffect): void {
    switch (effect.type) {
      case 'openRoom':
        expect(effect.epoch, 'epochs rise').toBeGreaterThan(this.#epoch);
        this.#epoch = effect.epoch;
        this.peers.clear();
        this.asked.push(effect);
        return;
      case 'openPeer': {
        const member = this.state.members.get(effect.personId);
        expect(this.admitted.has(effect.personId) || member?.permissions.enter, 'only who was let in has a peer').toBe(
          true,
        );
        expect([...this.peers.values()], 'one peer a person').not.toContain(effect.personId);
        expect(effect.epoch).toBe(this.#epoch);
        this.peers.set(effect.peerId, effect.personId);
        this.asked.push(effect);
        return;
      }
      case 'closePeer':
        this.peers.delete(effect.peerId);
        this.asked.push(effect);
        return;
      case 'endSession':
        expect(this.live.delete(effect.sessionId), 'a session ends once').toBe(true);
        this.withMedia.delete(effect.sessionId);
        return;
      case 'tell':
        expect(this.live.has(effect.sessionId), 'only who is here is told').toBe(true);
        this.#told(effect.sessionId, effect.event);
        return;
      case 'closeRoom':
        this.peers.clear();
        return;
      case 'tellViews':
      case 'report':
      case 'reportLeft':
      case 'chat':
      case 'retryLater':
        return;
      default:
        effect satisfies never;
        return;
    }
  }

  #checkMember(member: Member): void {
    const letIn = member.admitted || member.permissions.enter;
    if (isInVisit(member)) expect(letIn, 'in the visit only by admission').toBe(true);
    else if (member.media.kind !== 'closing')
      expect(this.withMedia.has(member.sessionId), 'no media outside the visit').toBe(false);
    if (member.media.kind === 'open' || member.media.kind === 'opening') {
      expect(this.state.placement.kind, 'peers only in a placed room').toBe('placed');
      expect(this.peers.get(member.media.peerId)).toBe(member.personId);
    }
    if (letIn && member.rtpCapabilities !== undefined)
      expect(member.presence, 'nobody is kept waiting').toBe('admitted');
  }

  #told(sessionId: SessionId, event: string): void {
    if (event === 'media.offer') this.withMedia.add(sessionId);
    if (event === 'media.withdrawn') this.withMedia.delete(sessionId);
  }

  #check(): void {
    const members = [...this.state.members.values()];
    expect(new Set(members.map(({ sessionId }) => sessionId)), 'the sessions here are those that live').toEqual(
      this.live,
    );
    expect(this.state.over).toBe(members.length === 0);
    for (const member of members) this.#checkMember(member);
    const open = members.filter(({ media }) => 'peerId' in media && media.kind !== 'closing').length;
    expect(this.peers.size, 'no peer without its member').toBe(open);
  }
}

describe('the room in any order of events', () => {
  it('WAIT1 WAIT2 WAIT5 SES5 MED6: keeps its invariants (seeded fuzz)', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const world = new World();
        world.act({ do: 'open', n: 0, permissions: 0, admitted: false });
        for (const a of actions) world.act(a);
      }),
      { seed: 42, numRuns: 1_500 },
    );
  });
});
