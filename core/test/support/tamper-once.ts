import { writeFile } from 'node:fs/promises';
import type { Finding } from '../../src/audit/verify/findings.ts';
import { parseIdRanges } from '../../src/audit/verify/id-ranges.ts';
import type { Superuser } from './tamper.ts';
import type { Trail } from './trail.ts';

/** Which events and heads findings name. */
const named = (findings: readonly Finding[]): { events: Set<number>; heads: Set<number> } => {
  const events = new Set<number>();
  const heads = new Set<number>();
  for (const { kind, ids, head } of findings) {
    if (kind.startsWith('event') || kind === 'batch-changed')
      for (const id of parseIdRanges(ids ?? '', 100_000) ?? []) events.add(id);
    else if (head !== undefined) heads.add(head);
  }
  return { events, heads };
};

/** Tampers once, has it judged, and says what was missed or blamed for nothing; undefined when all is as it should be. */
export const tamperOnce = async (trail: Trail, superuser: Superuser): Promise<string | undefined> => {
  const published = await trail.publishedText();
  const tampered = await superuser.tamper();
  const verdict = await trail.verify();
  const found = named(verdict.findings);
  const missed = [
    ...tampered.events.filter((id) => !found.events.has(id)).map((id) => `event ${id} missed`),
    ...tampered.heads.filter((head) => !found.heads.has(head)).map((head) => `head ${head} missed`),
  ];
  const blamed = [
    ...[...found.events].filter((id) => !tampered.events.includes(id)).map((id) => `event ${id} blamed`),
    ...[...found.heads].filter((head) => !tampered.heads.includes(head)).map((head) => `head ${head} blamed`),
  ];
  await superuser.putBack();
  await writeFile(trail.headsFile, published);
  if (missed.length + blamed.length === 0) return undefined;
  return `${tampered.what}: ${[...missed, ...blamed].slice(0, 5).join(', ')}`;
};
