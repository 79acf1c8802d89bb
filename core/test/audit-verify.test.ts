import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportTrail } from '../src/audit/export.ts';
import { parseHeadLine } from '../src/audit/verify/head.ts';
import { type Verdict, verifyExport } from '../src/audit/verify/verify-export.ts';
import { inShort, startTrail, type Trail } from './support/trail.ts';

const run = promisify(execFile);
const FOLDER = resolve(import.meta.dirname, '../src/audit/verify');

let trail: Trail;
let lines: string[];
beforeAll(async () => {
  trail = await startTrail();
  await trail.history(4, 3);
  lines = (await readFile(await trail.exportTo('whole.jsonl'), 'utf8')).trimEnd().split('\n');
});
afterAll(() => trail[Symbol.asyncDispose]());

/** Judges the export after its lines were changed. */
const judge = async (change: (lines: string[]) => readonly string[], end = '\n'): Promise<Verdict> => {
  const exportFile = join(trail.folder, 'changed.jsonl');
  await writeFile(exportFile, `${change([...lines]).join('\n')}${end}`);
  return verifyExport({ exportFile, headsFile: trail.headsFile, keys: [await trail.publicKey()] });
};
const found = async (change: (lines: string[]) => readonly string[], end?: string): Promise<string[]> =>
  inShort((await judge(change, end)).findings);
const lineOf = (id: number): number => lines.findIndex((line) => line.includes(`"id":"${id}"`));
const without = (some: string[], ...indexes: number[]) => some.filter((_, index) => !indexes.includes(index));

describe('an export', () => {
  it('is intact as it was written', async () => {
    expect(await judge((same) => same)).toMatchObject({ events: 12, heads: 4, unsealedEvents: 0, findings: [] });
  });

  it('shows a line that was edited, cut out, doubled, put elsewhere or changed places', async () => {
    const [fifth, seventh] = [lineOf(5), lineOf(7)];
    const at = (index: number): string => lines[index] ?? '';
    expect(await found((all) => all.with(fifth, at(fifth).replace('read', 'seen')))).toEqual(['event-edited 5 head 2']);
    expect(await found((all) => without(all, fifth))).toContain('event-missing 5 head 2');
    expect(await found((all) => all.toSpliced(fifth, 0, at(fifth)))).toContain('event-duplicated 5 head 2');
    expect(await found((all) => without(all.toSpliced(seventh + 1, 0, at(fifth)), fifth))).toEqual([
      'event-missing 5 head 2',
      'event-added 5 head 3',
    ]);
    expect(await found((all) => all.with(fifth, at(fifth - 1)).with(fifth - 1, at(fifth)))).toEqual([
      'events-out-of-order 4 head 2',
    ]);
  });

  it('takes an event in one way of writing only', async () => {
    const fifth = lineOf(5);
    const line = lines[fifth] ?? '';
    const ways = [
      line.replace('"role":"provider"', '"role":"admin","role":"provider"'),
      line.replace('"v":1}', '"v":1,"more":true}'),
      line.replace('"v":1}', '"v":1} '),
      line.replace('"provider"', '"\\u0070rovider"'),
      line.replace('"provider"', '"provid\ter"'),
      line.replace('"action":', '"action": '),
      line.replace('"id":"5"', '"id":"05"'),
      line.replace('"id":"5"', '"id":5'),
    ];
    for (const way of ways) {
      expect(way).not.toBe(line);
      const findings = await found((all) => all.with(fifth, way));
      expect(
        findings.some((finding) => /^(event|line)-unreadable/.test(finding)),
        way,
      ).toBe(true);
      expect(findings).toContain('event-missing 5 head 2');
    }
  });

  it('shows a head that was edited, cut out, doubled or written in another way', async () => {
    const second = lines.findIndex((line) => parseHeadLine(line)?.head.sequence === 2);
    const line = lines[second] ?? '';
    expect(await found((all) => all.with(second, line.replace('"sealedAt":"2026', '"sealedAt":"2025')))).toEqual([
      'head-forged 4-6 head 2',
    ]);
    expect(await found((all) => without(all, second))).toContain('head-missing 4-6 head 2');
    expect(await found((all) => all.toSpliced(second, 0, line))).toContain('head-out-of-order head 2');
    expect(await found((all) => all.with(second, line.replace('"count":3', '"count":3,"count":3')))).toContain(
      'head-unreadable head 2',
    );
  });

  it('that breaks off is no whole one, wherever it does', async () => {
    const text = lines.join('\n');
    for (const length of [0, 20, 400, Math.floor(text.length / 2), text.length - 3]) {
      const { findings } = await judge(() => [text.slice(0, length)], '');
      expect(
        inShort(findings).some((finding) => finding.startsWith('export-')),
        String(length),
      ).toBe(true);
    }
  });

  it('whose end was cut off neatly is found out by what was published, and by nothing else', async () => {
    const fourth = lines.findIndex((line) => parseHeadLine(line)?.head.sequence === 4);
    const cut = (all: string[]) => [...all.slice(0, fourth), '{"end":{"events":9,"heads":3}}'];
    expect(await found(cut)).toEqual(['head-missing 10-12 head 4', 'event-missing 10-12 head 4']);
    await judge(cut);
    const alone = verifyExport({ exportFile: join(trail.folder, 'changed.jsonl'), keys: [await trail.publicKey()] });
    expect(alone.findings).toEqual([]);
  });

  it('of some days begins in the middle of the chain and says so', async () => {
    const sealedAts = lines.flatMap((line) => parseHeadLine(line)?.head.sealedAt ?? []);
    const part: string[] = [];
    await exportTrail({
      database: trail.database,
      clock: () => trail.clock.now,
      from: new Date(sealedAts[1] ?? ''),
      to: new Date(sealedAts[3] ?? ''),
      write: async (some) => void part.push(...some),
    });
    const verdict = await judge(() => part);
    expect(verdict).toMatchObject({ events: 6, heads: 2, opening: { firstHead: 2, lastHead: 3 }, findings: [] });
  });
});

describe('npm run audit:verify', () => {
  const options = { execArgv: [], encoding: 'utf8' } as const;
  const verify = async (...args: string[]) => {
    const program = [join(FOLDER, 'main.ts'), ...args];
    const done = await run(process.execPath, program, options).catch((failure: unknown) => failure);
    const { stdout, stderr, code } = done as { stdout: string; stderr: string; code?: number };
    return { stdout, stderr, code: code ?? 0 };
  };

  it('ends with 0, 1 or 2, and says why in sentences or as JSON', { timeout: 60_000 }, async () => {
    const key = join(trail.folder, 'public.json');
    await writeFile(key, JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: (await trail.publicKey()).x }));
    const whole = join(trail.folder, 'whole.jsonl');
    const good = await verify('--export', whole, '--heads', trail.headsFile, '--key', key);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout).toContain('12 events under 4 heads');
    expect(good.stdout).toContain('The trail is intact.');

    const edited = join(trail.folder, 'edited.jsonl');
    await writeFile(
      edited,
      `${lines.map((line) => line.replace('"id":"5","organizationId":null,"outcome":"success"', '"id":"5","organizationId":null,"outcome":"denied"')).join('\n')}\n`,
    );
    const bad = await verify('--export', edited, '--heads', trail.headsFile, '--key', key);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain(`Event 5 was changed after it was sealed, head 2 (line ${lineOf(5) + 1}).`);
    const json = await verify('--export', edited, '--key', key, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      intact: false,
      findings: [{ kind: 'event-edited', ids: '5', head: 2 }],
    });

    expect(await verify('--export', whole)).toMatchObject({ code: 2, stdout: '' });
    expect(await verify('--export', join(trail.folder, 'none'), '--key', key)).toMatchObject({ code: 2 });
    expect(await verify('--export', whole, '--key', whole)).toMatchObject({ code: 2 });
  });

  it('needs nothing but its folder and Node', async () => {
    const seen = new Set<string>();
    const follow = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      expect(relative(FOLDER, file), file).not.toMatch(/^\.\./);
      const text = await readFile(file, 'utf8');
      for (const [, specifier = ''] of text.matchAll(/(?:from|import) '([^']+)'/g)) {
        if (specifier.startsWith('.')) await follow(resolve(dirname(file), specifier));
        else expect(specifier).toMatch(/^node:/);
      }
    };
    await follow(join(FOLDER, 'main.ts'));
    expect(seen.size).toBeGreaterThan(8);
  });
});
