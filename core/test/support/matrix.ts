import type { AccountRole } from '@bedside/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action, Policy } from '../../src/policy/policy.ts';
import { ACTION_RESOURCES } from '../../src/policy/resources.ts';
import { type Clinic, startClinic } from './clinic.ts';
import {
  MATRIX_ROUTES,
  type MatrixRoute,
  mayKnowName,
  mayKnowWords,
  NOT_IN_THE_MATRIX,
  routeOf,
} from './matrix-cells.ts';
import { digestOf } from './matrix-digest.ts';
import { prepareGround } from './matrix-ground.ts';
import { MATRIX_RELATIONS } from './matrix-relations.ts';
import { makeWorld, type World } from './matrix-world.ts';

interface Outcome {
  readonly status: number;
  readonly showsName: boolean;
  readonly showsWords: boolean;
  hasChanged: boolean;
}

const open = () => ({ allowed: true }) as const;
/** The application's checks switched off. */
const NO_CHECKS: Policy = { byAccount: open, onVisit: open, onPatient: open, onProvider: open, onRecord: open };

/** Lets the application's roles through every wall of a database, so that the application's own stands alone. */
const openWalls = (clinic: Clinic) =>
  sql`DO $$ DECLARE relation text; BEGIN
    FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
      EXECUTE format('CREATE POLICY opened ON %I TO bedside_app, bedside_person USING (true) WITH CHECK (true)', relation);
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO bedside_person', relation);
    END LOOP;
  END $$`.execute(clinic.database.db);

const methodOf = (name: string): string => name.split(' ', 1)[0] ?? 'GET';

const ask = async (world: World, name: string, marker: string): Promise<Outcome> => {
  const { path, body } = (MATRIX_ROUTES[name] as MatrixRoute).request(world, marker);
  const method = methodOf(name);
  const { headers } = world;
  const answer = await (method === 'GET'
    ? world.browser.get(path, { headers })
    : world.browser.write(method, path, body ?? {}, headers));
  return {
    status: answer.status,
    showsName: answer.text.includes(world.name),
    showsWords: answer.text.includes(world.word),
    hasChanged: false,
  };
};

/**
 * Asks for everything in a world: reads, then the writes that must change nothing, then those that may. What must change
 * nothing is looked at once, before and after all of it; where something did, `precise` finds which in another world.
 */
const walk = async (
  clinic: Clinic,
  world: World,
  how: { readonly mayWrite: (name: string) => boolean; readonly precise: boolean },
): Promise<Map<string, Outcome>> => {
  const outcomes = new Map<string, Outcome>();
  const marker = `marker-${crypto.randomUUID()}`;
  const names = Object.keys(MATRIX_ROUTES);
  const isRead = (name: string) => methodOf(name) === 'GET';
  for (const name of names.filter(isRead)) outcomes.set(name, await ask(world, name, marker));
  let before = await digestOf(clinic, world, marker);
  const still = names.filter((name) => !isRead(name) && !how.mayWrite(name));
  for (const name of still) {
    const outcome = await ask(world, name, marker);
    outcomes.set(name, outcome);
    if (!how.precise) continue;
    const after = await digestOf(clinic, world, marker);
    outcome.hasChanged = after !== before;
    before = after;
  }
  const hasChanged = !how.precise && (await digestOf(clinic, world, marker)) !== before;
  if (hasChanged) for (const name of still) (outcomes.get(name) as Outcome).hasChanged = true;
  for (const name of names.filter((one) => !isRead(one) && how.mayWrite(one)))
    outcomes.set(name, await ask(world, name, marker));
  return outcomes;
};

const isRefusal = (status: number): boolean => status === 401 || status === 403 || status === 404;

/** What is wrong with the application's wall in a cell, where it stands alone. */
const faultOfApplication = (outcome: Outcome, isAllowed: boolean): string | undefined => {
  if (isAllowed)
    return isRefusal(outcome.status) || outcome.status >= 500 ? 'refuses what the table allows' : undefined;
  if (outcome.showsName || outcome.showsWords || outcome.hasChanged) return 'leaks';
  return undefined;
};

/** And with the database's. */
const faultOfDatabase = (
  outcome: Outcome,
  world: World,
  cell: { isAllowed: boolean; writes: boolean; own: boolean; expected: Outcome },
) => {
  if (outcome.showsWords && !mayKnowWords(world) && !cell.own) return 'shows the thread';
  if (outcome.showsName && !mayKnowName(world) && !cell.own) return 'shows the name';
  if (outcome.hasChanged && !cell.isAllowed && !cell.writes) return 'lets a write through';
  if (!cell.isAllowed) return undefined;
  const { expected } = cell;
  const isSame =
    outcome.status === expected.status &&
    outcome.showsName === expected.showsName &&
    outcome.showsWords === expected.showsWords;
  return isSame ? undefined : `answers ${outcome.status} where the application alone answers ${expected.status}`;
};

const routesOf = async (clinic: Clinic): Promise<Map<string, Action>> => {
  const document = (await (await fetch(`${clinic.origin}/api/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { 'x-action': Action }>>;
  };
  return new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation['x-action']] as const,
      ),
    ),
  );
};

/** Every route × every relationship × these roles, both walls. Two files share the roles, so that two processes walk. */
export const describeMatrix = (roles: readonly AccountRole[]) =>
  describe(`the matrix of routes and relationships for ${roles.join(', ')}`, () => {
    let stack: AsyncDisposableStack;
    let application: Clinic;
    let database: Clinic;
    beforeAll(async () => {
      stack = new AsyncDisposableStack();
      application = stack.use(await startClinic());
      database = stack.use(await startClinic(async () => ({}), { policy: NO_CHECKS }));
      await openWalls(application);
    }, 60_000);
    afterAll(() => stack.disposeAsync());

    it('has a cell for every route of the OpenAPI document', async () => {
      const actions = await routesOf(application);
      for (const [name, action] of actions)
        if (!['public', 'session'].includes(action)) expect(ACTION_RESOURCES, name).toHaveProperty([action]);
      const routes = [...actions.keys()].filter((name) => !NOT_IN_THE_MATRIX.has(name));
      expect(routes.sort()).toEqual([...new Set(Object.keys(MATRIX_ROUTES).map(routeOf))].sort());
    });

    it('is what both walls answer by, each standing alone', { timeout: 600_000 }, async () => {
      const actions = await routesOf(application);
      const grounds = [await prepareGround(application), await prepareGround(database)] as const;
      const faults: string[] = [];
      const people = roles.flatMap((role) => MATRIX_RELATIONS.map((relation) => ({ role, relation })));
      const judge = async ({ role, relation }: (typeof people)[number], precise: boolean): Promise<string[]> => {
        const [inApplication, inDatabase] = await Promise.all([
          makeWorld(grounds[0], role, relation),
          makeWorld(grounds[1], role, relation),
        ]);
        const actionOf = (name: string): Action => {
          const action = actions.get(routeOf(name));
          if (action === undefined) throw new Error(`${name} names no action.`);
          return action;
        };
        const isAllowed = (name: string) =>
          (MATRIX_ROUTES[name] as MatrixRoute).isAllowed(inApplication, actionOf(name));
        const writes = (name: string) => isAllowed(name) || MATRIX_ROUTES[name]?.sameRows?.(inDatabase) === true;
        const [answers, rows] = await Promise.all([
          walk(application, inApplication, { mayWrite: isAllowed, precise }),
          walk(database, inDatabase, { mayWrite: writes, precise }),
        ]);
        const found: string[] = [];
        for (const [name, expected] of answers) {
          const outcome = rows.get(name) as Outcome;
          const about = `${role} × ${relation} × ${name}`;
          const applicationFault = faultOfApplication(expected, isAllowed(name));
          if (applicationFault !== undefined)
            found.push(`${about}: the application ${applicationFault} (${expected.status})`);
          const own = MATRIX_ROUTES[name]?.ownRows?.(inDatabase) === true;
          const cell = { isAllowed: isAllowed(name), writes: writes(name), own, expected };
          const databaseFault = faultOfDatabase(outcome, inDatabase, cell);
          if (databaseFault !== undefined) found.push(`${about}: the database ${databaseFault} (${outcome.status})`);
        }
        return found;
      };
      const queue = [...people];
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let one = queue.shift(); one !== undefined; one = queue.shift())
            if ((await judge(one, false)).length > 0) faults.push(...(await judge(one, true)));
        }),
      );
      const cells = people.length * Object.keys(MATRIX_ROUTES).length * 2;
      for (const { phi } of grounds) await phi.close();
      process.stdout.write(
        `The matrix has ${cells} cells: ${people.length} people, ${Object.keys(MATRIX_ROUTES).length} requests, two walls.\n`,
      );
      expect(faults).toEqual([]);
    });
  });
