import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from './support/random.ts';
import { Superuser } from './support/tamper.ts';
import { tamperOnce } from './support/tamper-once.ts';
import { startTrail, type Trail } from './support/trail.ts';

/** `npm run tamper:audit` asks for the whole ten thousand. */
const COUNT = Number(process.env.BEDSIDE_TAMPERINGS ?? 500);
const SEED = Number(process.env.BEDSIDE_TAMPER_SEED ?? 20_260_302);

describe('a superuser who tampers with the trail', () => {
  let trail: Trail;
  beforeAll(async () => {
    trail = await startTrail();
    await trail.history(8, 9);
    // Time passes, as it does before anybody has a reason to tamper.
    trail.clock.now += 60 * 60_000;
    await trail.history(1, 1);
  });
  afterAll(() => trail[Symbol.asyncDispose]());

  it(`is found out ${COUNT} times of ${COUNT}, at the very event or head, and nothing else is blamed (seed ${SEED})`, {
    timeout: 30_000 + COUNT * 400,
  }, async () => {
    await using superuser = await Superuser.create(trail, seeded(SEED));
    const wrong: string[] = [];
    for (let count = 0; count < COUNT; count += 1) {
      const said = await tamperOnce(trail, superuser);
      if (said !== undefined) wrong.push(`${count}: ${said}`);
    }
    expect(wrong).toEqual([]);
    expect(await trail.verify()).toMatchObject({ findings: [] });
  });
});
