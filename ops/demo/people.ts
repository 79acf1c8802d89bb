import type { VisitTypeSpec } from '@bedside/core';
import type { IssuerPerson } from './issuer-pages.ts';

// Everybody and everything here is made up. Telephone numbers are of the 555-01xx range, which is nobody's.

export interface DemoPerson {
  /** `sub` of the demo issuer and the key under which core knows the person. Stays the same for ever. */
  readonly subject: string;
  readonly displayName: string;
  /** IANA name of the zone they live in. */
  readonly timeZone: string;
}

export interface DemoProvider extends DemoPerson {
  readonly specialty: string;
}

export const demoClinic = {
  key: 'harbor-street',
  name: 'Harbor Street Clinic',
  phone: '(212) 555-0142',
  timeZone: 'America/New_York',
} as const;

/** Opens a day ahead and closes a day after, so that whoever tries Bedside can go in now. */
export const demoVisitType = {
  key: 'demo-visit',
  name: 'Video visit',
  durationMinutes: 20,
  earlyEntryMinutes: 24 * 60,
  lateEntryMinutes: 24 * 60,
} as const;

/** Time around it for the chart, and questions before it. */
export const demoFirstVisitType: Omit<VisitTypeSpec, 'organizationId'> = {
  key: 'demo-first-visit',
  name: 'First visit',
  durationMinutes: 40,
  earlyEntryMinutes: 15,
  lateEntryMinutes: 60,
  settings: {
    bufferBeforeMinutes: 5,
    bufferAfterMinutes: 15,
    stepMinutes: 60,
    minimumNoticeMinutes: 120,
    cancelNoticeMinutes: 24 * 60,
    intakeQuestions: [
      { id: 'reason', kind: 'text', label: 'What would you like to talk about?', required: true },
      { id: 'medicines', kind: 'yes-no', label: 'Do you take any medicines?', required: true },
      {
        id: 'interpreter',
        kind: 'choice',
        label: 'Which language do you prefer?',
        required: false,
        options: ['English', 'Spanish', 'Another'],
      },
    ],
  },
};

/** Staff sets a session up, patients take seats. */
export const demoGroupVisitType = {
  key: 'demo-group',
  name: 'Group: living with diabetes',
  durationMinutes: 60,
  earlyEntryMinutes: 15,
  lateEntryMinutes: 30,
  settings: { seats: 8, bufferAfterMinutes: 10 },
} as const;

export const demoProviders = [
  {
    subject: 'demo-amara-okafor',
    displayName: 'Dr. Amara Okafor',
    specialty: 'Family medicine',
    timeZone: 'America/New_York',
  },
  {
    subject: 'demo-luis-herrera',
    displayName: 'Dr. Luis Herrera',
    specialty: 'Cardiology',
    timeZone: 'America/Chicago',
  },
  {
    subject: 'demo-mei-tan',
    displayName: 'Mei Tan, NP',
    specialty: 'Behavioral health',
    timeZone: 'America/Los_Angeles',
  },
] as const satisfies readonly DemoProvider[];

export const demoPatients = [
  { subject: 'demo-ruth-lindqvist', displayName: 'Ruth Lindqvist', timeZone: 'America/New_York' },
  { subject: 'demo-darnell-brooks', displayName: 'Darnell Brooks', timeZone: 'America/Chicago' },
  { subject: 'demo-priya-raman', displayName: 'Priya Raman', timeZone: 'America/Los_Angeles' },
  { subject: 'demo-tomasz-zielinski', displayName: 'Tomasz Zieliński', timeZone: 'America/Denver' },
  { subject: 'demo-samira-haddad', displayName: 'Samira Haddad', timeZone: 'America/Phoenix' },
  { subject: 'demo-leilani-kahale', displayName: 'Leilani Kahale', timeZone: 'Pacific/Honolulu' },
] as const satisfies readonly DemoPerson[];

export const demoFrontDesk = [
  { subject: 'demo-hannah-osei', displayName: 'Hannah Osei', timeZone: 'America/New_York' },
] as const satisfies readonly DemoPerson[];

/** Keeps the rules of the clinic. */
export const demoAdmins = [
  { subject: 'demo-grace-whitfield', displayName: 'Grace Whitfield', timeZone: 'America/New_York' },
] as const satisfies readonly DemoPerson[];

/** Watches over who sees what. */
export const demoCompliance = [
  { subject: 'demo-owen-marsh', displayName: 'Owen Marsh', timeZone: 'America/New_York' },
] as const satisfies readonly DemoPerson[];

/** The same people as the demo issuer lists them. */
export const demoIssuerPeople: readonly IssuerPerson[] = [
  ...demoProviders.map((person) => ({ ...person, role: person.specialty, group: 'At the clinic' })),
  ...demoFrontDesk.map((person) => ({ ...person, role: 'Front desk', group: 'At the clinic' })),
  ...demoAdmins.map((person) => ({ ...person, role: 'Administration', group: 'At the clinic' })),
  ...demoCompliance.map((person) => ({ ...person, role: 'Privacy office', group: 'At the clinic' })),
  ...demoPatients.map((person) => ({ ...person, role: 'Patient', group: 'Patients' })),
];
