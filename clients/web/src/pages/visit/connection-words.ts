import type { ConnectionStatus } from '@bedside/sdk';

const WORDS: Record<ConnectionStatus, { short: string; sentence: string }> = {
  idle: { short: '', sentence: '' },
  connecting: { short: 'Connecting…', sentence: 'Connecting to the clinic…' },
  connected: { short: 'Connected', sentence: '' },
  weak: {
    short: 'Connection is weak',
    sentence: 'Your connection is weak. Sound goes first; the picture may stop for a while.',
  },
  'media-connecting': { short: 'Connecting sound and picture…', sentence: 'Connecting sound and picture…' },
  'media-broken': {
    short: 'Restoring sound and picture…',
    sentence: 'Sound and picture were interrupted. We are restoring them; you can write meanwhile.',
  },
  reconnecting: {
    short: 'Reconnecting…',
    sentence: 'The connection was interrupted. We are reconnecting; you keep your place.',
  },
  offline: {
    short: 'You are offline',
    sentence: 'This device is offline. We reconnect as soon as the network is back; you keep your place.',
  },
  closed: { short: '', sentence: '' },
};

/** A few words for the bar of the visit. */
export const connectionLabel = (status: ConnectionStatus): string => WORDS[status].short;

/** A whole sentence where something is to be said; empty when all is well. */
export const connectionSentence = (status: ConnectionStatus): string => WORDS[status].sentence;
