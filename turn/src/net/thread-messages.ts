import type { PeerRule } from '../relay/peer-policy.ts';
import type { QuotaLimits } from '../relay/quotas.ts';
import type { AddressFamily } from '../wire/ip.ts';
import type { LoopStats } from './loop-stats.ts';
import type { PeerMapping } from './peer-map.ts';
import type { RelayAddress } from './relay-sockets.ts';
import type { TlsMaterial } from './stream-listener.ts';

/** One address and port to listen on. Port 0 takes any; it is then named in `ready`. */
export interface ListenAddress {
  readonly kind: 'udp' | 'tcp' | 'tls' | 'shared';
  readonly ip: string;
  readonly port: number;
}

/** Everything a packet thread is started with. It survives being copied to another thread. */
export interface ThreadConfig {
  readonly listen: readonly ListenAddress[];
  readonly reusePort: boolean;
  /** Whether UDP goes through the C library, many datagrams a call, where that can be had. */
  readonly batching: boolean;
  readonly tls: TlsMaterial | undefined;
  /** UNIX socket of the HTTP server behind a shared port. */
  readonly httpUpstreamPath: string | undefined;
  readonly realm: string;
  readonly secrets: readonly string[];
  readonly nonceKey: Uint8Array;
  readonly peers: readonly PeerRule[];
  readonly relayAddresses: Readonly<Partial<Record<AddressFamily, RelayAddress>>>;
  readonly peerMappings: readonly PeerMapping[];
  readonly relayPorts: { readonly min: number; readonly max: number };
  readonly limits: QuotaLimits;
  readonly usernameAnonymity: boolean;
  readonly maxCredentialLifeMs: number;
  readonly idleStreamMs: number;
  readonly maxIdleStreams: number;
  /** Carried out before the thread listens. */
  readonly credentialCalls: readonly CredentialCall[];
}

export type CredentialCall =
  | { readonly type: 'revoke'; readonly name: string; readonly until: number }
  | { readonly type: 'extend'; readonly name: string; readonly expiresAt: number }
  | { readonly type: 'announce'; readonly username: string };

/** Asked of a thread; each is answered with a `reply` of the same id. */
export type ThreadCall =
  | CredentialCall
  | { readonly type: 'set-peers'; readonly peers: readonly PeerRule[] }
  | { readonly type: 'set-tls'; readonly material: TlsMaterial }
  | { readonly type: 'drain' }
  | { readonly type: 'stats' }
  | { readonly type: 'close' };

export type ToThread = { readonly id: number; readonly call: ThreadCall };

/** `revoke` is answered with the number of allocations closed; the others with the thread's figures. */
export interface ThreadReply {
  readonly revoked: number;
  readonly stats: LoopStats;
}

export type FromThread =
  | { readonly type: 'ready'; readonly listening: readonly ListenAddress[] }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'reply'; readonly id: number; readonly reply: ThreadReply };
