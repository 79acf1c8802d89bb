import type { Clock } from '@bedside/kit';
import type { MediaNodeId, NodeAnnouncement, RtpCapabilities } from '@bedside/protocol';

/** One start of a media node. */
export interface NodeRef {
  readonly nodeId: MediaNodeId;
  readonly incarnation: string;
}

interface Known {
  readonly announcement: NodeAnnouncement;
  readonly heardAt: number;
}

export interface PlacementListener {
  /** A node takes rooms again, or for the first time. */
  nodeUp(node: NodeRef): void;
  /** The node is gone, was silent for too long, or came back empty: what was on it is lost. */
  nodeLost(node: NodeRef): void;
  nodeChanged(nodeId: MediaNodeId, state: 'up' | 'draining' | 'gone' | 'silent' | 'restarted'): void;
}

/** More than an organization has; a flood of made-up announcements stops here. */
const MAX_NODES = 256;

/** The media nodes that are known from their announcements. */
export class Placement {
  readonly #clock: Clock;
  readonly #deadAfterMs: number;
  readonly #listener: PlacementListener;
  readonly #nodes = new Map<MediaNodeId, Known>();
  #sweptAt: number;

  constructor(options: { clock: Clock; deadAfterMs: number; listener: PlacementListener }) {
    this.#clock = options.clock;
    this.#deadAfterMs = options.deadAfterMs;
    this.#listener = options.listener;
    this.#sweptAt = options.clock();
  }

  announced(announcement: NodeAnnouncement): void {
    const { nodeId, incarnation, state } = announcement;
    const before = this.#nodes.get(nodeId)?.announcement;
    const restarted = before !== undefined && before.incarnation !== incarnation;
    if (state === 'gone') {
      // A late word of an older start says nothing of the present one.
      if (before !== undefined && !restarted) this.#lose(before, 'gone');
      return;
    }
    if (restarted) this.#lose(before, 'restarted');
    if (before === undefined && this.#nodes.size >= MAX_NODES) return;
    this.#nodes.set(nodeId, { announcement, heardAt: this.#clock() });
    if (before?.state === state && !restarted) return;
    this.#listener.nodeChanged(nodeId, state);
    if (state === 'up') this.#listener.nodeUp(announcement);
  }

  /**
   * Takes silent nodes for dead. To be called several times within the silence that kills. When this process itself
   * stood still, it heard nobody, and the nodes get their time again.
   */
  sweep(): void {
    const now = this.#clock();
    const stoodStill = now - this.#sweptAt > this.#deadAfterMs / 2;
    this.#sweptAt = now;
    for (const [nodeId, known] of this.#nodes) {
      if (stoodStill) this.#nodes.set(nodeId, { ...known, heardAt: now });
      else if (now - known.heardAt > this.#deadAfterMs) this.#lose(known.announcement, 'silent');
    }
  }

  /** The least loaded node that takes rooms. */
  pick(): NodeRef | undefined {
    let best: NodeAnnouncement | undefined;
    for (const { announcement } of this.#nodes.values()) {
      if (announcement.state === 'up' && (best === undefined || isLighter(announcement, best))) best = announcement;
    }
    return best;
  }

  isAlive(node: NodeRef): boolean {
    return this.#nodes.get(node.nodeId)?.announcement.incarnation === node.incarnation;
  }

  /** Whether a room can be placed at all. */
  get hasNode(): boolean {
    return this.pick() !== undefined;
  }

  /** What any room's router can do: nodes of an installation are configured alike. */
  get routerRtpCapabilities(): RtpCapabilities | undefined {
    const node = this.pick();
    return node === undefined ? undefined : this.#nodes.get(node.nodeId)?.announcement.routerRtpCapabilities;
  }

  #lose(announcement: NodeAnnouncement, state: 'gone' | 'silent' | 'restarted'): void {
    this.#nodes.delete(announcement.nodeId);
    this.#listener.nodeChanged(announcement.nodeId, state);
    this.#listener.nodeLost(announcement);
  }
}

/** Announcements are a second old: of nodes about equally loaded, the one with fewer peers and rooms is taken. */
const isLighter = (one: NodeAnnouncement, other: NodeAnnouncement): boolean => {
  const loads = Math.round(one.load * 10) - Math.round(other.load * 10);
  if (loads !== 0) return loads < 0;
  if (one.peers !== other.peers) return one.peers < other.peers;
  if (one.rooms !== other.rooms) return one.rooms < other.rooms;
  return one.nodeId < other.nodeId;
};
