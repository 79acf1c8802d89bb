import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AuditRecord } from '../verify/canonical-event.ts';
import { toFhirAuditEvent } from './audit-event.ts';

const site = 'https://visits.example.org';
const record: AuditRecord = {
  action: 'encounter.read',
  address: '192.0.2.7',
  at: '2026-03-02T09:00:00.000Z',
  encounterId: '00000000-0000-4000-8000-00000000000e',
  id: '42',
  organizationId: '00000000-0000-4000-8000-000000000001',
  outcome: 'success',
  patientId: '00000000-0000-4000-8000-00000000000a',
  personId: '00000000-0000-4000-8000-00000000000b',
  reason: null,
  requestId: '00000000-0000-4000-8000-0000000000f1',
  resourceId: '00000000-0000-4000-8000-00000000000e',
  resourceType: 'encounter',
  role: 'provider',
};

/**
 * The elements, cardinalities and required bindings of AuditEvent in FHIR 4.0.1
 * (https://hl7.org/fhir/R4/auditevent-definitions.html), strict: an element that R4 does not have is an error.
 */
const text = z.string().min(1).max(1_048_576);
const Coding = z.strictObject({ system: z.url(), code: z.string().regex(/^\S+( \S+)*$/), display: text.optional() });
const CodeableConcept = z
  .strictObject({ coding: z.array(Coding).min(1).optional(), text: text.optional() })
  .refine((concept) => concept.coding !== undefined || concept.text !== undefined);
const Reference = z
  .strictObject({
    reference: z
      .string()
      .regex(/^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/)
      .optional(),
    identifier: z.strictObject({ system: z.url(), value: text }).optional(),
    display: text.optional(),
  })
  .refine((reference) => Object.keys(reference).length > 0);
const Resource = z.strictObject({
  resourceType: z.literal('AuditEvent'),
  id: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/),
  meta: z.strictObject({ profile: z.array(z.url()).min(1) }).optional(),
  type: Coding,
  subtype: z.array(Coding).min(1).optional(),
  action: z.enum(['C', 'R', 'U', 'D', 'E']).optional(),
  recorded: z.iso.datetime({ offset: true }),
  outcome: z.enum(['0', '4', '8', '12']).optional(),
  outcomeDesc: text.optional(),
  agent: z
    .array(
      z.strictObject({
        type: CodeableConcept.optional(),
        role: z.array(CodeableConcept).min(1).optional(),
        who: Reference.optional(),
        requestor: z.boolean(),
        network: z.strictObject({ address: text, type: z.enum(['1', '2', '3', '4', '5']) }).optional(),
      }),
    )
    .min(1),
  source: z.strictObject({ site: text.optional(), observer: Reference, type: z.array(Coding).min(1).optional() }),
  entity: z
    .array(z.strictObject({ what: Reference.optional(), type: Coding.optional(), role: Coding.optional() }))
    .min(1)
    .optional(),
});

const nothing = {
  address: null,
  encounterId: null,
  organizationId: null,
  patientId: null,
  personId: null,
  reason: null,
};
const variants: AuditRecord[] = [
  record,
  { ...record, outcome: 'denied', reason: 'not-of-the-visit' },
  { ...record, ...nothing, action: 'set-up', requestId: null, resourceId: null, resourceType: 'person', role: null },
  ...['session.open', 'session.end', 'audit.read', 'audit.export', 'message.send', 'appointment.cancel', 'x'].map(
    (action) => ({ ...record, action }),
  ),
];

describe('FHIR AuditEvent', () => {
  it.each(variants)('is made as R4 defines it: $action $outcome', (variant) => {
    expect(Resource.safeParse(toFhirAuditEvent(variant, { site })).error).toBeUndefined();
  });

  it('tells of a patient read what BALP wants: server, client, user, patient and data', () => {
    const event = toFhirAuditEvent(record, { site });
    expect(event.meta?.profile).toEqual([
      'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead',
    ]);
    expect(event).toMatchObject({ type: { code: 'rest' }, action: 'R', outcome: '0', recorded: record.at });
    expect(event.subtype.map(({ code }) => code)).toEqual(['read', 'encounter.read']);
    expect(event.agent.map(({ type, requestor }) => [type.coding[0]?.code, requestor])).toEqual([
      ['110152', false],
      ['110153', false],
      ['IRCP', true],
    ]);
    expect(event.entity?.map(({ what }) => what.reference ?? what.identifier?.value)).toEqual([
      `Patient/${record.patientId}`,
      `Encounter/${record.resourceId}`,
      record.requestId,
    ]);
  });

  it('claims no profile for what was refused, and says why it was', () => {
    const event = toFhirAuditEvent({ ...record, outcome: 'denied', reason: 'not-of-the-visit' }, { site });
    expect(event).toMatchObject({ outcome: '4', outcomeDesc: 'not-of-the-visit' });
    expect(event.meta).toBeUndefined();
  });

  it('is a query where a patient’s list was looked at, whoever looked', () => {
    for (const action of ['appointments.list', 'appointments.ofPatient', 'waitlist.ofPatient'])
      expect(toFhirAuditEvent({ ...record, action }, { site })).toMatchObject({
        action: 'E',
        subtype: [{ code: 'search' }, { code: action }],
      });
  });

  it('tells signing in by DICOM’s codes', () => {
    expect(toFhirAuditEvent({ ...record, action: 'session.open' }, { site })).toMatchObject({
      type: { code: '110114' },
      subtype: [{ code: '110122' }, { code: 'session.open' }],
    });
  });
});
