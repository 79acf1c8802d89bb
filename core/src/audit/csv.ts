/** Events of the trail as lines of CSV (RFC 4180), for spreadsheets. */

export interface CsvEvent {
  readonly id: string;
  readonly at: Date;
  readonly personName: string | null;
  readonly personId: string | null;
  readonly role: string | null;
  readonly action: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly resourceType: string;
  readonly resourceId: string | null;
  readonly patientName: string | null;
  readonly patientId: string | null;
  readonly encounterId: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly sequence: string | null;
}

const COLUMNS: readonly (readonly [name: string, of: (event: CsvEvent) => string | null])[] = [
  ['id', ({ id }) => id],
  ['at', ({ at }) => at.toISOString()],
  ['person', ({ personName }) => personName],
  ['personId', ({ personId }) => personId],
  ['role', ({ role }) => role],
  ['action', ({ action }) => action],
  ['outcome', ({ outcome }) => outcome],
  ['reason', ({ reason }) => reason],
  ['resourceType', ({ resourceType }) => resourceType],
  ['resourceId', ({ resourceId }) => resourceId],
  ['patient', ({ patientName }) => patientName],
  ['patientId', ({ patientId }) => patientId],
  ['encounterId', ({ encounterId }) => encounterId],
  ['address', ({ address }) => address],
  ['requestId', ({ requestId }) => requestId],
  ['head', ({ sequence }) => sequence],
];

/** Quoted; what a spreadsheet would take for a formula is kept from being one. */
const field = (value: string | null): string => {
  if (value === null) return '';
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const line = (values: readonly (string | null)[]): string => `${values.map(field).join(',')}\r\n`;

export const csvHeader = line(COLUMNS.map(([name]) => name));
export const csvLine = (event: CsvEvent): string => line(COLUMNS.map(([, of]) => of(event)));
