/** The version of the canonical form below; it stands in each line, so that lines of an older one stay verifiable. */
export const EVENT_VERSION = 1;

/** One row of `audit_events` as evidence: every column that tells what happened, as text or null. */
export interface AuditRecord {
  readonly action: string;
  readonly address: string | null;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly encounterId: string | null;
  /** Decimal; not a JSON number, which stops being exact at 2^53. */
  readonly id: string;
  readonly organizationId: string | null;
  readonly outcome: string;
  readonly patientId: string | null;
  readonly personId: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly resourceId: string | null;
  readonly resourceType: string;
  readonly role: string | null;
}

/**
 * The one text that stands for a row: JSON by the JSON Canonicalization Scheme (RFC 8785), which for strings and a
 * small integer is what `JSON.stringify` writes for members in the order of their names. The same row gives the same
 * bytes (UTF-8) wherever it is read.
 */
export const canonicalEvent = (record: AuditRecord): string =>
  JSON.stringify({
    action: record.action,
    address: record.address,
    at: record.at,
    encounterId: record.encounterId,
    id: record.id,
    organizationId: record.organizationId,
    outcome: record.outcome,
    patientId: record.patientId,
    personId: record.personId,
    reason: record.reason,
    requestId: record.requestId,
    resourceId: record.resourceId,
    resourceType: record.resourceType,
    role: record.role,
    v: EVENT_VERSION,
  });

/** A JSON string with the escapes that RFC 8785 §3.2.2.2 wants, and no others. */
const TEXT = String.raw`"[^"\\\x00-\x1f]*(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))[^"\\\x00-\x1f]*)*"`;
const TEXT_OR_NULL = `(?:null|${TEXT})`;
const INSTANT = String.raw`"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"`;
const ID = '"([1-9][0-9]{0,18})"';

/**
 * What every line of an event matches, with its instant and its id as groups. It leaves no other way to write the same
 * row: no second member of a name, no blank, no escape that could have been left out.
 */
const LINE = new RegExp(
  `^\\{"action":${TEXT},"address":${TEXT_OR_NULL},"at":${INSTANT},"encounterId":${TEXT_OR_NULL},"id":${ID},` +
    `"organizationId":${TEXT_OR_NULL},"outcome":${TEXT},"patientId":${TEXT_OR_NULL},"personId":${TEXT_OR_NULL},` +
    `"reason":${TEXT_OR_NULL},"requestId":${TEXT_OR_NULL},"resourceId":${TEXT_OR_NULL},"resourceType":${TEXT},` +
    `"role":${TEXT_OR_NULL},"v":${EVENT_VERSION}\\}$`,
);

/** How a line of an event begins; no other line of an export does. */
export const EVENT_LINE_BEGIN = '{"action":';

/** Instant and id of a canonical line, or undefined where it is none. Takes bytes as Latin-1 as well as text. */
export const readEventLine = (line: string): { readonly at: string; readonly id: number } | undefined => {
  const match = LINE.exec(line);
  const [, at, id] = match ?? [];
  return at === undefined || id === undefined ? undefined : { at, id: Number(id) };
};
