/**
 * An export is JSON Lines: the opening; then for each head its line and its events in the order of their ids; events
 * whose head is gone after a marker with its number; events not yet sealed after a marker of their own; the closing,
 * which counts what went before, so that a file that was cut off shows.
 */
export interface ExportOpening {
  /** Heads signed later than this cannot be in the export. */
  readonly exportedAt: string;
  /** The first and the last head that were asked for; null: to the end, events without a head included. */
  readonly firstHead: number;
  readonly lastHead: number | null;
}

export const formatOpening = (opening: ExportOpening): string =>
  JSON.stringify({
    export: { exportedAt: opening.exportedAt, firstHead: opening.firstHead, lastHead: opening.lastHead, v: 1 },
  });

export const formatMissingHead = (sequence: number): string => `{"missingHead":${sequence}}`;
export const UNSEALED_LINE = '{"unsealed":true}';
export const formatClosing = (counts: { readonly events: number; readonly heads: number }): string =>
  `{"end":{"events":${counts.events},"heads":${counts.heads}}}`;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

/** Undefined where the line is not the opening of an export that this program can read. */
export const parseOpening = (line: string): ExportOpening | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { export: opening }: { export?: Partial<Record<keyof ExportOpening, unknown>> } = Object(value);
  const { exportedAt, firstHead, lastHead } = Object(opening);
  if (typeof exportedAt !== 'string' || !INSTANT.test(exportedAt) || !isSequence(firstHead)) return undefined;
  if (lastHead !== null && !isSequence(lastHead)) return undefined;
  const read = { exportedAt, firstHead, lastHead };
  return formatOpening(read) === line ? read : undefined;
};

/** The number in the marker of a missing head, if the line is one. */
export const parseMissingHead = (line: string): number | undefined => {
  const sequence = Number(/^\{"missingHead":([1-9]\d{0,15})\}$/.exec(line)?.[1]);
  return isSequence(sequence) ? sequence : undefined;
};
