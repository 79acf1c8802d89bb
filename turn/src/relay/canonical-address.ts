import { formatIp, parseIp } from '../wire/ip.ts';

/** Ways in which an IPv6 address can stand for an IPv4 one. */
export type EmbeddedForm = 'v4-mapped' | 'v4-compatible' | 'v4-translated' | 'nat64' | '6to4' | 'teredo' | 'isatap';

export interface CanonicalAddress {
  /** The address meant: the embedded IPv4 address where there is one. Canonical text. */
  readonly ip: string;
  readonly embeddedIn: EmbeddedForm | undefined;
}

const startsWith = (bytes: Uint8Array, prefix: readonly number[]): boolean =>
  prefix.every((byte, index) => bytes[index] === byte);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

const FORMS: readonly {
  form: EmbeddedForm;
  matches: (bytes: Uint8Array) => boolean;
  ipv4: (bytes: Uint8Array) => Uint8Array;
}[] = [
  // ::ffff:0:0/96, RFC 4291 §2.5.5.2
  {
    form: 'v4-mapped',
    matches: (bytes) => startsWith(bytes, [...zeros(10), 0xff, 0xff]),
    ipv4: (bytes) => bytes.subarray(12),
  },
  // ::ffff:0:0:0/96, RFC 2765 §2.1
  {
    form: 'v4-translated',
    matches: (bytes) => startsWith(bytes, [...zeros(8), 0xff, 0xff, 0, 0]),
    ipv4: (bytes) => bytes.subarray(12),
  },
  // ::/96, RFC 4291 §2.5.5.1; :: and ::1 fall into it as well and are no peers either.
  { form: 'v4-compatible', matches: (bytes) => startsWith(bytes, zeros(12)), ipv4: (bytes) => bytes.subarray(12) },
  // 64:ff9b::/96 and 64:ff9b:1::/48, RFC 6052 §2.1, RFC 8215
  {
    form: 'nat64',
    matches: (bytes) => startsWith(bytes, [0, 0x64, 0xff, 0x9b, ...zeros(8)]),
    ipv4: (bytes) => bytes.subarray(12),
  },
  {
    form: 'nat64',
    matches: (bytes) => startsWith(bytes, [0, 0x64, 0xff, 0x9b, 0, 1]),
    ipv4: (bytes) => Uint8Array.of(bytes[6] ?? 0, bytes[7] ?? 0, bytes[9] ?? 0, bytes[10] ?? 0),
  },
  // 2002::/16, RFC 3056 §2
  { form: '6to4', matches: (bytes) => startsWith(bytes, [0x20, 0x02]), ipv4: (bytes) => bytes.subarray(2, 6) },
  // 2001::/32, RFC 4380 §4: the client's address, inverted
  {
    form: 'teredo',
    matches: (bytes) => startsWith(bytes, [0x20, 0x01, 0, 0]),
    ipv4: (bytes) => bytes.subarray(12).map((byte) => byte ^ 0xff),
  },
  // interface id 0[02]00:5efe:a.b.c.d, RFC 5214 §6.1
  {
    form: 'isatap',
    matches: (bytes) =>
      (bytes[8] === 0 || bytes[8] === 2) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe,
    ipv4: (bytes) => bytes.subarray(12),
  },
];

/** Undefined where `text` is no IP address. */
export const canonicalAddress = (text: string): CanonicalAddress | undefined => {
  const bytes = parseIp(text);
  if (bytes === undefined) return undefined;
  if (bytes.length === 4) return { ip: formatIp(bytes), embeddedIn: undefined };
  const embedded = FORMS.find(({ matches }) => matches(bytes));
  if (embedded === undefined) return { ip: formatIp(bytes), embeddedIn: undefined };
  return { ip: formatIp(embedded.ipv4(bytes)), embeddedIn: embedded.form };
};
