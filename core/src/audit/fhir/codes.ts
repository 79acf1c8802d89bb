export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

/** DICOM PS3.16 annex D, as FHIR R4 names it in its value sets audit-event-type and audit-event-sub-type. */
const dicom = (code: string, display: string): Coding => ({
  system: 'http://dicom.nema.org/resources/ontology/DCM',
  code,
  display,
});
/** Code systems of FHIR R4 (terminology.hl7.org), by their last part. */
const hl7 = (name: string, code: string, display: string): Coding => ({
  system: `http://terminology.hl7.org/CodeSystem/${name}`,
  code,
  display,
});
/** http://hl7.org/fhir/R4/codesystem-restful-interaction.html */
const interaction = (code: string): Coding => ({
  system: 'http://hl7.org/fhir/restful-interaction',
  code,
  display: code,
});

export const codes = {
  // https://hl7.org/fhir/R4/valueset-audit-event-type.html
  rest: hl7('audit-event-type', 'rest', 'Restful Operation'),
  applicationActivity: dicom('110100', 'Application Activity'),
  auditLogUsed: dicom('110101', 'Audit Log Used'),
  dataExport: dicom('110106', 'Export'),
  securityAlert: dicom('110113', 'Security Alert'),
  authentication: dicom('110114', 'User Authentication'),
  // https://hl7.org/fhir/R4/valueset-audit-event-sub-type.html
  login: dicom('110122', 'Login'),
  logout: dicom('110123', 'Logout'),
  securityConfiguration: dicom('110129', 'Security Configuration'),
  // Agents: https://profiles.ihe.net/ITI/BALP/ with DICOM's role ids and HL7 v3's participation types.
  source: dicom('110153', 'Source Role ID'),
  destination: dicom('110152', 'Destination Role ID'),
  recipient: hl7('v3-ParticipationType', 'IRCP', 'information recipient'),
  author: hl7('v3-ParticipationType', 'AUT', 'author (originator)'),
  // https://hl7.org/fhir/R4/valueset-audit-source-type.html
  applicationServer: hl7('security-source-type', '4', 'Application Server'),
  // https://hl7.org/fhir/R4/valueset-audit-entity-type.html and valueset-object-role.html
  person: hl7('audit-entity-type', '1', 'Person'),
  systemObject: hl7('audit-entity-type', '2', 'System Object'),
  patient: hl7('object-role', '1', 'Patient'),
  domainResource: hl7('object-role', '4', 'Domain Resource'),
  requestId: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
} as const satisfies Record<string, Coding>;

export interface EventClass {
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  /** https://hl7.org/fhir/R4/valueset-audit-event-action.html */
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly isRead: boolean;
  /** Which of BALP's patient profiles it is made by, if it is a REST act on a patient's record. */
  readonly profile: 'Read' | 'Query' | 'Create' | 'Update' | 'Delete';
}

const rest = (how: 'read' | 'search' | 'create' | 'update' | 'delete'): EventClass => {
  const [action, profile] = (
    {
      read: ['R', 'Read'],
      search: ['E', 'Query'],
      create: ['C', 'Create'],
      update: ['U', 'Update'],
      delete: ['D', 'Delete'],
    } as const
  )[how];
  return { type: codes.rest, subtype: [interaction(how)], action, profile, isRead: how === 'read' || how === 'search' };
};

const other = (type: Coding, action: EventClass['action'], subtype: readonly Coding[] = []): EventClass => ({
  type,
  subtype,
  action,
  isRead: action === 'R',
  profile: 'Read',
});

/** Actions whose verb does not say enough. */
const BY_ACTION: Readonly<Record<string, EventClass>> = {
  'session.open': other(codes.authentication, 'E', [codes.login]),
  'session.end': other(codes.authentication, 'E', [codes.logout]),
  'audit.read': other(codes.auditLogUsed, 'R'),
  'record.access': other(codes.auditLogUsed, 'R'),
  'audit.export': other(codes.dataExport, 'R'),
  'audit.changeKey': other(codes.securityAlert, 'E', [codes.securityConfiguration]),
  'audit.replaceKey': other(codes.securityAlert, 'E', [codes.securityConfiguration]),
  'set-up': other(codes.applicationActivity, 'E'),
};

const BY_VERB: Readonly<Record<string, EventClass>> = {
  read: rest('read'),
  messages: rest('read'),
  list: rest('search'),
  ofPatient: rest('search'),
  search: rest('search'),
  book: rest('create'),
  send: rest('create'),
  issue: rest('create'),
  create: rest('create'),
  delete: rest('delete'),
  export: other(codes.dataExport, 'R'),
  fetch: other(codes.dataExport, 'R'),
};

/** What kind of event an action of the trail (`<noun>.<verb>`) is; an action it does not know changed something. */
export const eventClassOf = (action: string): EventClass =>
  BY_ACTION[action] ?? BY_VERB[action.slice(action.lastIndexOf('.') + 1)] ?? rest('update');
