import { describe, expect, it } from 'vitest';
import { type CsvEvent, csvHeader, csvLine } from './csv.ts';

const event: CsvEvent = {
  id: '7',
  at: new Date('2026-11-22T09:00:00Z'),
  personName: 'Tan, Mei "NP"',
  personId: 'p',
  role: 'provider',
  action: 'encounter.read',
  outcome: 'success',
  reason: null,
  resourceType: 'encounter',
  resourceId: 'e',
  patientName: '=HYPERLINK("x")',
  patientId: 'q',
  encounterId: 'e',
  address: '127.0.0.1',
  requestId: 'r',
  sequence: null,
};

describe('the trail as CSV', () => {
  it('has as many fields in each line as in the first, and quotes what needs it', () => {
    expect(csvHeader.trimEnd().split(',')).toHaveLength(16);
    expect(csvLine(event)).toBe(
      '7,2026-11-22T09:00:00.000Z,"Tan, Mei ""NP""",p,provider,encounter.read,success,,encounter,e,' +
        '"\'=HYPERLINK(""x"")",q,e,127.0.0.1,r,\r\n',
    );
  });
});
