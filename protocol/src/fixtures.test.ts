import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  EVENTS,
  EventEnvelope,
  GrantClaims,
  MEDIA_METHODS,
  MediaEvent,
  NodeAnnouncement,
  Permissions,
  REQUESTS,
  ReplyEnvelope,
  RequestEnvelope,
  VISIT_METHODS,
  VisitEvent,
} from './index.ts';

/** Golden messages of the protocol: `valid/<name>.json` holds values, `invalid/<name>.json` cases `{why, path, value}`. */
const folder = new URL('../fixtures/', import.meta.url);
const Invalid = z.array(z.strictObject({ why: z.string(), path: z.string(), value: z.unknown() })).min(1);

const isEmpty = (schema: z.ZodType): boolean =>
  schema.safeParse({}).success && JSON.stringify(z.toJSONSchema(schema)).includes('"properties":{}');

const named = (prefix: string, entries: Readonly<Record<string, z.ZodType>>, suffix = ''): [string, z.ZodType][] =>
  Object.entries(entries).map(([name, schema]) => [`${prefix}.${name}${suffix}`, schema]);

const part = (
  methods: Readonly<Record<string, { params: z.ZodType; result: z.ZodType }>>,
  which: 'params' | 'result',
) => Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, method[which]]));

/** Results that carry something. */
const telling = (schemas: Readonly<Record<string, z.ZodType>>) =>
  Object.fromEntries(Object.entries(schemas).filter(([, schema]) => !isEmpty(schema)));

const requests = named('request', part(REQUESTS, 'params'));
const schemas = new Map<string, z.ZodType>([
  ['envelope.request', RequestEnvelope],
  ['envelope.reply', ReplyEnvelope],
  ['envelope.event', EventEnvelope],
  ['grant.claims', GrantClaims],
  ...requests,
  ...named('result', telling(part(REQUESTS, 'result'))),
  ...named('event', EVENTS),
  ...named('media', part(MEDIA_METHODS, 'params')),
  ...named('media', telling(part(MEDIA_METHODS, 'result')), '.result'),
  ['media.event', MediaEvent],
  ['media.announcement', NodeAnnouncement],
  ...named('visit', part(VISIT_METHODS, 'params')),
  ...named('visit', telling(part(VISIT_METHODS, 'result')), '.result'),
  ['visit.event', VisitEvent],
]);

const read = (kind: 'valid' | 'invalid', name: string): unknown =>
  JSON.parse(readFileSync(new URL(`${kind}/${name}.json`, folder), 'utf8'));
const valid = (name: string): unknown[] => z.array(z.unknown()).min(1).parse(read('valid', name));
const namesIn = (kind: 'valid' | 'invalid') =>
  readdirSync(new URL(kind, folder))
    .map((file) => file.replace(/\.json$/, ''))
    .toSorted();

describe('fixtures', () => {
  it('stand for every message, valid and invalid, and for nothing else', () => {
    const names = [...schemas.keys()].toSorted();
    expect(namesIn('valid')).toEqual(names);
    expect(namesIn('invalid')).toEqual(names);
  });

  it.each([...schemas])('%s: the valid ones parse to exactly themselves', (name, schema) => {
    for (const value of valid(name)) expect(schema.parse(value)).toEqual(value);
  });

  it.each([...schemas])('ENV5 %s: the invalid ones are refused where they say', (name, schema) => {
    for (const { why, path, value } of Invalid.parse(read('invalid', name))) {
      const result = schema.safeParse(value);
      expect(
        result.error?.issues.map((issue) => issue.path.join('.')),
        why,
      ).toContain(path);
    }
  });

  it.each([
    ['media.event', MediaEvent],
    ['visit.event', VisitEvent],
  ] as const)('%s: there is a valid one of every type', (name, union) => {
    const types = union.options.map((option) => option.shape.type.value);
    expect(new Set(valid(name).map((value) => union.parse(value).type))).toEqual(new Set(types));
  });
});

describe('requests', () => {
  it.each(requests)('ENV5 %s: parsing any JSON never throws', (_name, schema) => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(typeof schema.safeParse(value).success).toBe('boolean');
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each(requests)(
    'ENV10 %s: a field that is not known is refused or kept, at any depth, and never dropped',
    (name, schema) => {
      const base = valid(name);
      fc.assert(
        fc.property(fc.constantFrom(...base), fc.nat(), fc.string(), fc.jsonValue(), (value, place, key, extra) => {
          const copy: unknown = structuredClone(value);
          const objects = objectsIn(copy);
          const target = objects[place % objects.length];
          fc.pre(target !== undefined && key !== '__proto__' && !Object.hasOwn(target, key));
          if (target !== undefined) target[key] = extra;
          const result = schema.safeParse(copy);
          if (result.success) expect(result.data).toEqual(copy);
        }),
        { seed: 1, numRuns: 300 },
      );
    },
  );

  it('ENV4 the envelope refuses any JSON that is no request without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(RequestEnvelope.safeParse(value).success).toBe(false);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('grants', () => {
  it('GR5 a permission that is not set is not given', () => {
    expect(Object.values(Permissions.parse({}))).toEqual(Object.values(Permissions.shape).map(() => false));
  });
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectsIn = (value: unknown): Record<string, unknown>[] => [
  ...(isObject(value) ? [value] : []),
  ...(typeof value === 'object' && value !== null ? Object.values(value).flatMap(objectsIn) : []),
];
