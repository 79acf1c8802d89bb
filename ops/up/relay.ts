import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { OperatorError } from '@bedside/kit';
import type { MediaAddress } from '@bedside/media-server';
import { createTurn, type PeerRule, parsePeerRule, type Turn, type TurnConfig, type TurnDeps } from '@bedside/turn';
import { listenSentence } from './listen.ts';

type Listening = Turn['listening'];

const inUri = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip);
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);
/** UDP first, TLS last: the order in which a page names them; browsers try all at once. */
const KINDS = ['udp', 'tcp', 'tls', 'shared'] as const;

/**
 * What browsers are told: `turn:` and `turns:` URIs (RFC 7065) of where the relay listens, under the site's own name.
 * On a machine's `localhost` the address itself is named, since the name may lead to an address of the other family.
 */
export const relayUrls = (listening: Listening, publicUrl: string): string[] => {
  const site = new URL(publicUrl);
  const hostFor = (ip: string): string =>
    site.hostname === 'localhost' && !ANY_ADDRESS.has(ip) ? inUri(ip) : site.hostname;
  const uriOf = ({ kind, ip, port }: Listening[number]): string => {
    switch (kind) {
      case 'udp':
      case 'tcp':
        return `turn:${hostFor(ip)}:${port}?transport=${kind}`;
      case 'tls':
        return `turns:${site.hostname}:${port}?transport=tcp`;
      case 'shared':
        // Whatever brings browsers to the site brings them to the relay behind the same port.
        return `turns:${site.hostname}:${site.port || 443}?transport=tcp`;
    }
  };
  return [...listening].sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind)).map(uriOf);
};

/** Exactly the media workers. Throws where one of their names leads nowhere. */
export const relayPeers = async (addresses: readonly MediaAddress[]): Promise<PeerRule[]> => {
  const rules = addresses.map(async ({ address, port }) => {
    const ips = isIP(address) === 0 ? (await lookup(address, { all: true })).map((found) => found.address) : [address];
    return ips.map((ip) => {
      const rule = parsePeerRule(`${inUri(ip)}:${port}`);
      if ('problem' in rule) throw new OperatorError(`BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: ${rule.problem}`);
      return rule;
    });
  });
  return (await Promise.all(rules)).flat();
};

/** Starts the relay, or rejects with a sentence for the operator when it cannot listen. */
export const startRelay = async (config: TurnConfig, deps: TurnDeps): Promise<Turn> => {
  try {
    return await createTurn(config, deps);
  } catch (error) {
    const sentence = certificateSentence(error, config) ?? portSentence(error, config);
    throw sentence === undefined ? error : new OperatorError(sentence, { cause: error });
  }
};

/**
 * What a stop does first, while everything still runs: no new allocation is made any more (508), and those there are may
 * end by themselves for as long as the relay's own `drainMs` says. What is left then ends with the relay.
 */
export const drainRelay = (relay: Pick<Turn, 'drain'>, config: Pick<TurnConfig, 'drainMs'>): Promise<void> =>
  relay.drain({ timeoutMs: config.drainMs });

/** What a packet thread tells of a failed bind is text: `listen EADDRINUSE: address already in use 127.0.0.1:443`. */
const portSentence = (error: unknown, config: TurnConfig): string | undefined => {
  const match = /\b(E[A-Z]+)\b.*?([0-9a-fA-F.:]+):(\d+)$/.exec(error instanceof Error ? error.message : '');
  if (match === null) return undefined;
  const [, code = '', host = '', port] = match;
  const isEdge = config.listen.some((address) => address.kind === 'shared' && address.port === Number(port));
  const variable = isEdge ? 'BEDSIDE_PORT' : 'BEDSIDE_TURN_PORT';
  return listenSentence(code, { host, port: Number(port) }, variable);
};

/** The file system names the file that is missing or closed; OpenSSL does not say which of the two is wrong. */
const certificateSentence = (error: unknown, { tls }: TurnConfig): string | undefined => {
  if (tls === undefined || !(error instanceof Error) || !('code' in error)) return undefined;
  if ('path' in error && (error.path === tls.certFile || error.path === tls.keyFile)) {
    return (
      `${error.path} cannot be read (${error.code}). BEDSIDE_TLS_CERT_FILE names the certificate with its chain, ` +
      'BEDSIDE_TLS_KEY_FILE its key: PEM files that this account may read'
    );
  }
  if (!String(error.code).startsWith('ERR_OSSL')) return undefined;
  return `The certificate in ${tls.certFile} and the key in ${tls.keyFile} do not fit together, or are not in PEM`;
};
