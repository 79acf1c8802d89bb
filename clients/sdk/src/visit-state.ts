import type { MediaSource, Permissions, RoomView } from '@bedside/protocol';
import type { ChatState } from './chat-thread.ts';
import type { RelayTransport } from './checks/network-check.ts';
import type { MediaStatus } from './media/media-engine.ts';
import type { MediaPath } from './media/media-path.ts';
import type { LocalSource } from './media/publisher.ts';
import type { PathQuality } from './media/quality.ts';
import type { RemoteMedia } from './media/subscriber.ts';
import type { VisitEnd } from './signaling/close-verdict.ts';
import type { SessionStatus } from './signaling/session.ts';

/** Where this person stands. */
export type VisitPhase =
  /** `open` was not called yet. */
  | 'idle'
  /** Presence `device-check`: the others see that this person is getting ready. */
  | 'device-check'
  /** Asked to come in and waits to be let in. */
  | 'waiting'
  | 'in-visit'
  /** Over for this page; `VisitState.end` says why. */
  | 'over';

/**
 * The connection in one word, worst finding first. `media-connecting` and `media-broken`: the words get through, sound
 * and picture do not (yet). `weak`: they do, with losses or delay.
 */
export type ConnectionStatus =
  | 'idle'
  | 'connecting'
  | 'connected'
  | 'weak'
  | 'media-connecting'
  | 'media-broken'
  | 'reconnecting'
  | 'offline'
  | 'closed';

/** Everything a page shows. A new object after each change; parts that did not change stay the same objects. */
export interface VisitState {
  phase: VisitPhase;
  connection: ConnectionStatus;
  /** Unset before the first welcome. */
  permissions: Permissions | undefined;
  room: RoomView | undefined;
  remote: readonly RemoteMedia[];
  local: Readonly<Partial<Record<MediaSource, LocalSource>>>;
  /** The way that sound and picture take now; unset while there are none. */
  path: MediaPath | undefined;
  /** What a look at the network found before the visit; unset where nobody looked (yet). Nothing depends on it. */
  network: RelayTransport | 'blocked' | undefined;
  chat: ChatState;
  end: VisitEnd | undefined;
}

export const INITIAL_STATE: VisitState = {
  phase: 'idle',
  connection: 'idle',
  permissions: undefined,
  room: undefined,
  remote: [],
  local: {},
  path: undefined,
  network: undefined,
  chat: { messages: [], outgoing: [] },
  end: undefined,
};

export const phaseOf = (facts: {
  end: VisitEnd | undefined;
  opened: boolean;
  /** The holder asked to come in. */
  asked: boolean;
  room: RoomView | undefined;
  before: VisitPhase;
}): VisitPhase => {
  if (facts.end) return 'over';
  if (!facts.opened) return 'idle';
  switch (facts.room?.you.presence) {
    case 'admitted':
      return 'in-visit';
    case 'ready':
      return 'waiting';
    case 'device-check':
    case 'absent':
    case undefined:
      if (!facts.asked) return 'device-check';
      // A new session asks again by itself; the page stays where it was until the answer is there.
      return facts.before === 'in-visit' ? 'in-visit' : 'waiting';
  }
};

export const connectionOf = (facts: {
  session: SessionStatus;
  media: MediaStatus;
  quality: PathQuality;
  phase: VisitPhase;
}): ConnectionStatus => {
  if (facts.session !== 'connected') return facts.session;
  if (facts.phase !== 'in-visit') return 'connected';
  switch (facts.media) {
    case 'none':
    case 'connecting':
      return 'media-connecting';
    case 'broken':
      return 'media-broken';
    case 'connected':
      return facts.quality === 'weak' ? 'weak' : 'connected';
  }
};
