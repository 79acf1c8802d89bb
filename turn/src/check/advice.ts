import type { TurnTarget } from './turn-uri.ts';

export type CheckStep = 'name' | 'connect' | 'tls' | 'allocate' | 'permission' | 'release';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

const tlsAdvice = (code: string, target: TurnTarget): string => {
  if (code === 'CERT_HAS_EXPIRED')
    return 'The certificate has expired. Renew it on the server; browsers refuse it too.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate is not for ${target.host}. Use a name that it is for, or get one for this name.`;
  if (UNTRUSTED.has(code)) {
    return 'The certificate is signed by an authority that this machine does not trust. Either the server has a private one (pass it with --ca), or a firewall on the way opens TLS: ask for an exception for this host, for browsers do not relay through it.';
  }
  return 'TLS was not completed. A firewall on the way may look inside or let through only what it knows: ask for an exception for this host.';
};

const connectAdvice = (code: string, target: TurnTarget): string => {
  const what = `${target.transport === 'udp' ? 'UDP' : 'TCP'} port ${target.port} of ${target.host}`;
  if (code === 'ECONNREFUSED') return `Nobody listens on ${what}. Check the port, and that the relay runs.`;
  return `${what} cannot be reached from here. Ask for it to be let out; where only web traffic may leave, use turns:${target.host}:443.`;
};

const allocateAdvice = (detail: string, target: TurnTarget): string => {
  if (/^40[01]|^438/.test(detail))
    return 'The server refused the credential. It may have expired: such usernames hold for minutes. Get a new one, and check the clocks of both machines.';
  if (/^486|^508/.test(detail))
    return 'The server has no room left for this credential or this address. Try again later, or raise its limits.';
  if (target.transport === 'udp')
    return `No answer came over UDP. Where UDP is not let out, use turns:${target.host}:443.`;
  return 'The port is open, but what answers is not a TURN server. A proxy or a web server may stand in its place.';
};

/** What to do about a step that failed, in plain words. */
export const adviceFor = (step: CheckStep, error: unknown, target: TurnTarget): string => {
  const detail = error instanceof Error ? error.message : '';
  switch (step) {
    case 'name':
      return `The name ${target.host} is not known here. Check its spelling, and that this network resolves it.`;
    case 'connect':
      return connectAdvice(codeOf(error), target);
    case 'tls':
      return tlsAdvice(codeOf(error), target);
    case 'allocate':
      return allocateAdvice(detail, target);
    case 'permission':
      return 'The server does not relay to this address. A closed relay lists the addresses of its media server; check that this is one of them.';
    case 'release':
      return 'The allocation could not be given back; it ends by itself.';
  }
};
