import { slowdown } from '@bedside/kit/pace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNot } from '../src/lab/hospital-network.ts';
import { type HospitalLab, openHospitalLab } from '../src/lab/hospital-visit.ts';

const JOINS = 4;
/** On a machine with other work to do; `npm run lab:hospital` measures. */
const JOIN_WITHIN_MS = 5_000;

const reason = await whyNot({ programs: ['ip', 'nft', 'perl', 'openssl', 'certutil'], networks: true });

describe.skipIf(reason !== undefined)(
  `a hospital that lets out TCP 443 alone${reason ? ` (not here: ${reason})` : ''}`,
  () => {
    let lab: HospitalLab;
    beforeAll(async () => {
      lab = await openHospitalLab();
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    test('the firewall keeps out what got through before, and lets TLS on 443 through', () => {
      const everything = { turnOverUdp: true, turnOverTcp: true, turnOverTls: true, intoTheHospital: true };
      expect(lab.open).toEqual(everything);
      expect(lab.closed).toEqual({ ...everything, turnOverUdp: false, turnOverTcp: false, intoTheHospital: false });
    });

    test('without the relay no picture comes', async () => {
      expect(await lab.joinsWithoutRelay()).toBe(false);
    });

    test('every join shows the provider, through TURN over TLS', async () => {
      for (let index = 0; index < JOINS; index++)
        expect((await lab.join()).frameMs / slowdown()).toBeLessThan(JOIN_WITHIN_MS);
    });
  },
);
