import type { RecordAccess, RecordAccessKind, RecordAccessPage } from '@bedside/protocol';

/** Verbs of actions, by what a patient would call them. What is not listed changed something. */
const KINDS: Readonly<Record<string, RecordAccessKind>> = {
  read: 'looked',
  list: 'looked',
  ofPatient: 'looked',
  messages: 'looked',
  search: 'looked',
  grant: 'visited',
  issue: 'visited',
  redeem: 'visited',
  admit: 'visited',
  enter: 'visited',
  begin: 'visited',
  end: 'visited',
  leave: 'visited',
  sendBack: 'visited',
  mute: 'visited',
  revoke: 'visited',
  send: 'wrote',
  chat: 'wrote',
  export: 'exported',
  fetch: 'exported',
};

/** What an action of the audit trail (`<noun>.<verb>`) is to the patient whose record it is about. */
export const kindOf = (action: string): RecordAccessKind =>
  KINDS[action.slice(action.lastIndexOf('.') + 1)] ?? 'changed';

export interface AccessRow {
  readonly at: Date;
  readonly personId: string | null;
  readonly role: string | null;
  readonly action: string;
  readonly displayName: string | null;
}

const MINUTE_MS = 60_000;

/**
 * Rows in descending order of time, one more than a page where there are more. A page ends between two instants, so
 * that its last one can name where the next begins; what one person does in a minute, again and again, is told once.
 */
export const toRecordAccessPage = (rows: readonly AccessRow[], pageSize: number): RecordAccessPage => {
  const hasMore = rows.length > pageSize;
  const beyond = hasMore ? rows.at(-1)?.at.getTime() : undefined;
  // Where all of a page has one instant, what is left of that instant is passed over rather than told for ever.
  const whole = rows.filter((row) => row.at.getTime() !== beyond);
  const told = whole.length > 0 ? whole : rows;
  const seen = new Set<string>();
  const entries: RecordAccess[] = [];
  for (const { at, personId, role, action, displayName } of told) {
    const kind = kindOf(action);
    const key = `${Math.floor(at.getTime() / MINUTE_MS)} ${personId} ${role} ${kind}`;
    if (seen.has(key)) continue;
    seen.add(key);
    entries.push({ at: at.toISOString(), name: displayName, role, kind });
  }
  return { entries, next: hasMore ? (told.at(-1)?.at.toISOString() ?? null) : null };
};
