import { describe, expect, test } from 'vitest';
import { mediaPathOf } from './media-path.ts';

const report = (local: object, pair: object = { nominated: true, state: 'succeeded' }): [string, unknown][] => [
  ['other', { type: 'candidate-pair', localCandidateId: 'unused', state: 'succeeded' }],
  ['pair', { type: 'candidate-pair', localCandidateId: 'local', ...pair }],
  ['unused', { type: 'local-candidate', candidateType: 'host', protocol: 'udp' }],
  ['local', { type: 'local-candidate', ...local }],
];
const chromium = (local: object): [string, unknown][] => [
  ...report(local, { state: 'succeeded' }),
  ['transport', { type: 'transport', selectedCandidatePairId: 'pair' }],
];

describe('mediaPathOf', () => {
  test.each([
    [{ candidateType: 'host', protocol: 'udp' }, 'udp'],
    [{ candidateType: 'prflx', protocol: 'tcp' }, 'tcp'],
    // The candidate itself is UDP, at the relay's end.
    [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }, 'relay-tls'],
    [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tcp' }, 'relay-tcp'],
    [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'udp' }, 'relay-udp'],
  ])('%o is %s, told by the transport or by the pair', (local, path) => {
    expect(mediaPathOf([chromium(local)])).toBe(path);
    expect(mediaPathOf([report(local)])).toBe(path);
  });

  test('of two transports the worse way is told', () => {
    const relayed = chromium({ candidateType: 'relay', relayProtocol: 'tcp' });
    expect(mediaPathOf([chromium({ candidateType: 'host', protocol: 'udp' }), relayed])).toBe('relay-tcp');
  });

  test('nothing is told before a pair is chosen, or of what is not known', () => {
    expect(mediaPathOf([])).toBeUndefined();
    expect(mediaPathOf([report({ candidateType: 'host', protocol: 'udp' }, { state: 'in-progress' })])).toBeUndefined();
    expect(mediaPathOf([chromium({ candidateType: 'relay', relayProtocol: 'pigeon' })])).toBeUndefined();
  });
});
