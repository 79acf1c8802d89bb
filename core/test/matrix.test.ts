import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action, Policy } from '../src/policy/policy.ts';
import { type Clinic, startClinic } from './support/clinic.ts';
import {
  MATRIX_ROUTES,
  type MatrixRoute,
  mayKnowName,
  mayKnowWords,
  NOT_IN_THE_MATRIX,
} from './support/matrix-cells.ts';
import {
  digestOf,
  MATRIX_RELATIONS,
  MATRIX_ROLES,
  makeWorld,
  prepareGround,
  type World,
} from './support/matrix-world.ts';

interface Outcome {
  readonly status: number;
  readonly showsName: boolean;
  readonly showsWords: boolean;
  readonly hasChanged: boolean;
}

const open = () => ({ allowed: true }) as const;
/** The application's checks switched off. */
const NO_CHECKS: Policy = { byAccount: open, onVisit: open, onPatient: open, onProvider: open, onRecord: open };

/** Lets the application's role through every wall of a database, so that the application's own stands alone. */
const openWalls = (clinic: Clinic) =>
  sql`DO $$ DECLARE relation text; BEGIN
    FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
      EXECUTE format('CREATE POLICY opened ON %I TO bedside_app USING (true) WITH CHECK (true)', relation);
    END LOOP;
  END $$`.execute(clinic.database.db);

const ask = async (
  clinic: Clinic,
  world: World,
  { name, route, isAllowed }: { name: string; route: MatrixRoute; isAllowed: boolean },
): Promise<Outcome> => {
  const [method = 'GET'] = name.split(' ', 1);
  const marker = `marker-${crypto.randomUUID()}`;
  const { path, body } = route.request(world, marker);
  // What is allowed may change anything: its outcome is judged by the answer.
  const isJudgedByRows = method !== 'GET' && !isAllowed;
  const before = isJudgedByRows ? await digestOf(clinic, world, marker) : '';
  const answer = method === 'GET' ? await world.browser.get(path) : await world.browser.write(method, path, body ?? {});
  const after = isJudgedByRows ? await digestOf(clinic, world, marker) : '';
  return {
    status: answer.status,
    showsName: answer.text.includes(world.name),
    showsWords: answer.text.includes(world.word),
    hasChanged: before !== after,
  };
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
  cell: { isAllowed: boolean; writes: boolean; expected: Outcome },
) => {
  if (outcome.showsWords && !mayKnowWords(world)) return 'shows the thread';
  if (outcome.showsName && !mayKnowName(world)) return 'shows the name';
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

describe('the matrix of roles, routes and relationships', () => {
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
    const routes = [...(await routesOf(application)).keys()].filter((name) => !NOT_IN_THE_MATRIX.has(name));
    expect(routes.sort()).toEqual(Object.keys(MATRIX_ROUTES).sort());
  });

  it('is what both walls answer by, each standing alone', { timeout: 240_000 }, async () => {
    const actions = await routesOf(application);
    const grounds = [await prepareGround(application), await prepareGround(database)] as const;
    const faults: string[] = [];
    let cells = 0;
    const people = MATRIX_ROLES.flatMap((role) => MATRIX_RELATIONS.map((relation) => ({ role, relation })));
    const walk = async ({ role, relation }: (typeof people)[number]) => {
      const [inApplication, inDatabase] = await Promise.all([
        makeWorld(grounds[0], role, relation),
        makeWorld(grounds[1], role, relation),
      ]);
      for (const [name, route] of Object.entries(MATRIX_ROUTES)) {
        const action = actions.get(name);
        if (action === undefined) throw new Error(`${name} names no action.`);
        const isAllowed = route.isAllowed(inApplication, action);
        const [expected, outcome] = await Promise.all([
          ask(application, inApplication, { name, route, isAllowed }),
          ask(database, inDatabase, { name, route, isAllowed }),
        ]);
        const cell = { isAllowed, writes: route.sameRows?.(inDatabase) === true, expected };
        const about = `${role} × ${relation} × ${name}`;
        const applicationFault = faultOfApplication(expected, isAllowed);
        if (applicationFault !== undefined)
          faults.push(`${about}: the application ${applicationFault} (${expected.status})`);
        const databaseFault = faultOfDatabase(outcome, inDatabase, cell);
        if (databaseFault !== undefined) faults.push(`${about}: the database ${databaseFault} (${outcome.status})`);
        cells += 2;
      }
    };
    const queue = [...people];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let one = queue.shift(); one !== undefined; one = queue.shift()) await walk(one);
      }),
    );
    process.stdout.write(
      `The matrix has ${cells} cells: ${people.length} people, ${Object.keys(MATRIX_ROUTES).length} routes, two walls.\n`,
    );
    expect(faults).toEqual([]);
  });
});
