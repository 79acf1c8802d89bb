import type { AuditRecord } from '../verify/canonical-event.ts';
import { type Coding, codes, type EventClass, eventClassOf } from './codes.ts';

interface Reference {
  readonly reference?: string;
  readonly identifier?: { readonly system: string; readonly value: string };
  readonly display?: string;
}

interface Agent {
  readonly type: { readonly coding: readonly Coding[] };
  readonly role?: readonly { readonly text: string }[];
  readonly who: Reference;
  readonly requestor: boolean;
  readonly network?: { readonly address: string; readonly type: '2' | '5' };
}

interface Entity {
  readonly what: Reference;
  readonly type: Coding;
  readonly role?: Coding;
  readonly detail?: readonly { readonly type: string; readonly valueString: string }[];
}

/** FHIR R4 AuditEvent (https://hl7.org/fhir/R4/auditevent.html), as much of it as the trail can fill. */
export interface FhirAuditEvent {
  readonly resourceType: 'AuditEvent';
  readonly id: string;
  readonly meta?: { readonly profile: readonly string[] };
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly recorded: string;
  readonly outcome: '0' | '4';
  readonly outcomeDesc?: string;
  readonly agent: readonly Agent[];
  readonly source: { readonly site: string; readonly observer: Reference; readonly type: readonly Coding[] };
  readonly entity?: readonly Entity[];
}

export interface FhirOptions {
  /** Absolute URL that names this Bedside: the server that observed, and the system of its identifiers. */
  readonly site: string;
}

/** FHIR resource types of what the trail calls by its own name; those have the same id in FHIR. */
const FHIR_TYPES: Readonly<Record<string, string>> = {
  appointment: 'Appointment',
  encounter: 'Encounter',
  message: 'Communication',
  prescription: 'MedicationRequest',
  consent: 'Consent',
};

const identified = (site: string, kind: string, value: string): Reference => ({
  identifier: { system: `${site}/identifiers/${kind}`, value },
});

/** Server, client and user: the three agents of IHE BALP 1.1.3; what Bedside does by itself has the server alone. */
const agentsOf = (record: AuditRecord, site: string, kind: EventClass): Agent[] => {
  const isOwn = record.personId === null;
  const server: Agent = {
    type: { coding: [codes.destination] },
    who: identified(site, 'server', site),
    requestor: isOwn,
    network: { address: site, type: '5' },
  };
  const client: Agent = {
    type: { coding: [codes.source] },
    who: { display: record.address ?? 'unknown' },
    requestor: false,
    ...(record.address === null ? {} : { network: { address: record.address, type: '2' } }),
  };
  if (record.personId === null) return record.address === null ? [server] : [server, client];
  const user: Agent = {
    type: { coding: [kind.isRead ? codes.recipient : codes.author] },
    ...(record.role === null ? {} : { role: [{ text: record.role }] }),
    who: identified(site, 'person', record.personId),
    requestor: true,
  };
  return [server, client, user];
};

const entitiesOf = (record: AuditRecord, site: string): Entity[] => {
  const entities: Entity[] = [];
  if (record.patientId !== null)
    entities.push({ what: { reference: `Patient/${record.patientId}` }, type: codes.person, role: codes.patient });
  if (record.resourceId !== null) {
    const type = FHIR_TYPES[record.resourceType];
    const what =
      type === undefined
        ? identified(site, record.resourceType, record.resourceId)
        : { reference: `${type}/${record.resourceId}` };
    entities.push({ what, type: codes.systemObject, role: codes.domainResource });
  }
  // BALP: X-Request-Id as an entity of its own.
  if (record.requestId !== null)
    entities.push({ what: identified(site, 'request', record.requestId), type: codes.requestId });
  return entities;
};

/** The profile that a successful act on a patient's record is made by. */
const profileOf = (record: AuditRecord, kind: EventClass): string | undefined => {
  const isPatients = record.patientId !== null && record.personId !== null && record.resourceId !== null;
  const isRest = kind.type.code === codes.rest.code && record.outcome === 'success';
  return isPatients && isRest
    ? `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Patient${kind.profile}`
    : undefined;
};

/** A row of the trail as FHIR R4 AuditEvent by IHE's Basic Audit Log Patterns. It holds no name, as the trail does not. */
export const toFhirAuditEvent = (record: AuditRecord, { site }: FhirOptions): FhirAuditEvent => {
  const kind = eventClassOf(record.action);
  const profile = profileOf(record, kind);
  const entities = entitiesOf(record, site);
  const isDenied = record.outcome !== 'success';
  return {
    resourceType: 'AuditEvent',
    id: record.id,
    ...(profile === undefined ? {} : { meta: { profile: [profile] } }),
    type: kind.type,
    subtype: [...kind.subtype, { system: `${site}/codes/audit-action`, code: record.action }],
    action: kind.action,
    recorded: record.at,
    outcome: isDenied ? '4' : '0',
    ...(record.reason === null ? {} : { outcomeDesc: record.reason }),
    agent: agentsOf(record, site, kind),
    source: { site, observer: identified(site, 'server', site), type: [codes.applicationServer] },
    ...(entities.length === 0 ? {} : { entity: entities }),
  };
};
