/** What was done to a trail, and where. */
export interface Finding {
  readonly kind: FindingKind;
  /** Of the head that shows it. */
  readonly head?: number;
  /** Of the events concerned, as `formatIdRanges` writes them. */
  readonly ids?: string;
  /** Of the export, from 1. */
  readonly line?: number;
}

const WORDS = {
  'event-edited': 'was changed after it was sealed',
  'event-missing': 'was sealed and is not there any more',
  'event-added': 'stands where nothing of that number was sealed',
  'event-duplicated': 'is there more than once',
  'event-late':
    'says that it happened long before it was sealed, at a time when all that had happened was sealed already',
  'event-unreadable': 'is not written the one way in which an event is written',
  'events-out-of-order': 'is not in the order in which it was sealed',
  'batch-changed': 'is one of several of which at least one was changed after they were sealed',
  'head-forged': 'has a signature that is not of its key',
  'head-leaves-edited': 'has other leaf hashes than its events, which are as they were sealed',
  'head-missing': 'is not there any more',
  'head-replaced': 'is not the one that the next head was chained to',
  'head-diverged': 'is another one than the one that was published',
  'head-out-of-order': 'is there more than once, or not in its place',
  'head-unreadable': 'is not written the one way in which a head is written',
  'head-key-unknown': 'is signed with a key that was not given and that no given key hands on to',
  'line-unreadable': 'is neither an event nor a head',
  'export-incomplete': 'The export breaks off: its last line is missing, or does not count what is there',
  'export-headless': 'The file does not begin as an export does',
} as const;
export type FindingKind = keyof typeof WORDS;

/** A finding in a sentence. */
export const inWords = ({ kind, head, ids, line }: Finding): string => {
  const place = line === undefined ? '' : ` (line ${line})`;
  if (kind.startsWith('export-')) return `${WORDS[kind]}.`;
  if (kind === 'line-unreadable') return `Line ${line} ${WORDS[kind]}.`;
  if (kind.startsWith('head-')) {
    const under = ids === undefined || ids === '' ? '' : `; it sealed the events ${ids}`;
    return `Head ${head ?? 'of unknown number'} ${WORDS[kind]}${place}${under}.`;
  }
  const plural = ids !== undefined && /\D/.test(ids);
  const which = ids === undefined ? 'An event' : plural ? `Each of the events ${ids}` : `Event ${ids}`;
  return `${which} ${WORDS[kind]}${head === undefined ? '' : `, head ${head}`}${place}.`;
};

const KEPT_MAX = 10_000;

/** Collects findings; past a bound they are only counted. */
export class Findings {
  readonly list: Finding[] = [];
  count = 0;
  /** Whether any tells of heads rather than of events: those need a closer look. */
  concernHeads = false;

  add(finding: Finding): void {
    this.count += 1;
    if (finding.kind.startsWith('head-')) this.concernHeads = true;
    if (this.list.length < KEPT_MAX) this.list.push(finding);
  }
}
