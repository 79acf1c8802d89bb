/** Where a `turn:` or `turns:` URI points (RFC 7065). */
export interface TurnTarget {
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
}

const URI = /^(turns?):(?:\[([0-9a-fA-F:.]+)\]|([^:?[\]]+))(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/;

/** `turns:` is TLS over TCP on 5349, `turn:` UDP on 3478, unless said otherwise. `turns:…?transport=udp` (DTLS) is not offered. */
export const parseTurnUri = (text: string): TurnTarget | { readonly problem: string } => {
  const match = URI.exec(text);
  const host = match?.[2] ?? match?.[3];
  if (match === null || host === undefined) {
    return {
      problem: `${text} is not a TURN address, such as turns:turn.example.org:443 or turn:192.0.2.1:3478?transport=udp`,
    };
  }
  const isTls = match[1] === 'turns';
  if (isTls && match[5] === 'udp')
    return { problem: `${text} asks for DTLS, which is not offered; leave ?transport=udp out` };
  const port = Number(match[4] ?? (isTls ? 5349 : 3478));
  if (port < 1 || port > 65_535) return { problem: `${text} has no port from 1 to 65535` };
  return { host, port, transport: isTls ? 'tls' : ((match[5] as 'udp' | 'tcp' | undefined) ?? 'udp') };
};
