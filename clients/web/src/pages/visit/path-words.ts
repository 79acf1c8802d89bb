import type { MediaPath, VisitState } from '@bedside/sdk';

const PATHS: Record<MediaPath, string> = {
  udp: 'Sound and picture go straight to the clinic, the fastest way.',
  tcp: 'Sound and picture go straight to the clinic, the slower way: this network holds back the fast one (UDP).',
  'relay-udp': 'Sound and picture go through the clinic’s relay.',
  'relay-tcp':
    'Sound and picture go through the clinic’s relay, the slower way: this network holds back the fast one (UDP).',
  'relay-tls':
    'Sound and picture go through the clinic’s relay on the way that web pages take (TLS), the only one this network lets out.',
};

/** Which way sound and picture take now. */
export const pathWords = (path: MediaPath): string => PATHS[path];

const NETWORKS: Record<NonNullable<VisitState['network']>, string> = {
  udp: 'Your network is ready for sound and picture.',
  tcp: 'Your network holds back the fastest way. Sound and picture take the slower one, which works.',
  tls: 'Your network lets out web pages only. Sound and picture take that way, which works.',
  blocked:
    'Your network may keep sound and picture out. You can join all the same; another network, or a phone’s hotspot, helps.',
};

/** What a look at the network before the visit found, and what comes of it. */
export const networkWords = (network: NonNullable<VisitState['network']>): string => NETWORKS[network];
