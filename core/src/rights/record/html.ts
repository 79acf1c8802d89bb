import { createHash } from 'node:crypto';
import { kindOf } from '../../audit/record-access-model.ts';
import type { Resource } from './fhir.ts';
import type { RecordPage, Section } from './record.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem;border-bottom:1px solid #767676}
dl{display:grid;grid-template-columns:12rem 1fr;gap:.15rem 1rem;margin:.75rem 0;break-inside:avoid}
dt{color:#4a4a4a}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}}`;

/** What a browser that opens the page may do with it: show it, and nothing else. */
export const PAGE_CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const TITLES: Readonly<Record<Section, string>> = {
  patient: 'You',
  visits: 'Visits',
  messages: 'Messages in visits',
  notices: 'Messages that were sent to you',
  waiting: 'Waiting list',
  corrections: 'Requests for correction',
  accesses: 'Who saw or changed your record',
};

const ACCESS_WORDS = {
  looked: 'looked at it',
  visited: 'was in a visit with you',
  wrote: 'wrote to you',
  changed: 'changed something',
  exported: 'exported it',
} as const;

type Line = readonly [label: string, value: string | undefined];

/** Reads what `fhir.ts` wrote; its elements are known, their type is not. */
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, step) => (inner === null || typeof inner !== 'object' ? undefined : Reflect.get(inner, step)),
    value,
  );
const textAt = (value: unknown, ...path: readonly (string | number)[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'boolean' ? (found ? 'Yes' : 'No') : undefined;
};
const listAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};
const extensionOf = (resource: Resource, name: string): string | undefined => {
  const found = listAt(resource, 'extension').find((one) => textAt(one, 'url') === `urn:bedside:extension:${name}`);
  return textAt(found, 'valueString') ?? textAt(found, 'valueDateTime');
};

/** The lines of a resource; `when` writes an instant in the patient's zone. */
const linesOf = (resource: Resource, when: (instant: string | undefined) => string | undefined): readonly Line[] => {
  const staff = (path: string, name: string) =>
    listAt(resource, path)
      .map((one) => textAt(one, name, 'display'))
      .filter((display) => display !== undefined)
      .join(', ') || undefined;
  switch (resource.resourceType) {
    case 'Patient':
      return [
        ['Name', textAt(resource, 'name', 0, 'text')],
        ...listAt(resource, 'telecom').map((one): Line => [textAt(one, 'system') ?? '', textAt(one, 'value')]),
        ['Where you usually are', textAt(resource, 'address', 0, 'state')],
        ['Time zone', extensionOf(resource, 'time-zone')],
        ['Clinic', textAt(resource, 'managingOrganization', 'display')],
        ['Account in use', textAt(resource, 'active')],
      ];
    case 'Appointment':
      return [
        ['Appointment', textAt(resource, 'serviceType', 0, 'text')],
        ['By', textAt(resource, 'serviceCategory', 0, 'text')],
        ['Specialty', textAt(resource, 'specialty', 0, 'text')],
        ['Starts', when(textAt(resource, 'start'))],
        ['Ends', when(textAt(resource, 'end'))],
        ['Not before', when(textAt(resource, 'requestedPeriod', 0, 'start'))],
        ['Not after', when(textAt(resource, 'requestedPeriod', 0, 'end'))],
        ['With', staff('participant', 'actor')],
        ['State', textAt(resource, 'status')],
        ['Reason', textAt(resource, 'cancelationReason', 'text')],
        ['Where you said you would be', extensionOf(resource, 'patient-region')],
        ['Paid by', extensionOf(resource, 'payer')],
        ['Made', when(textAt(resource, 'created'))],
      ];
    case 'Encounter':
      return [
        ['Visit', textAt(resource, 'type', 0, 'text')],
        ['State', textAt(resource, 'status')],
        ['With', staff('participant', 'individual')],
        ['Began', when(textAt(resource, 'period', 'start'))],
        ['Ended', when(textAt(resource, 'period', 'end'))],
        ['You came', when(extensionOf(resource, 'patient-entered'))],
        ['You left', when(extensionOf(resource, 'patient-left'))],
      ];
    case 'QuestionnaireResponse':
      return [
        ['Your answers', when(textAt(resource, 'authored'))],
        ...listAt(resource, 'item').map(
          (item): Line => [
            textAt(item, 'text') ?? '',
            textAt(item, 'answer', 0, 'valueString') ?? textAt(item, 'answer', 0, 'valueBoolean'),
          ],
        ),
      ];
    case 'Communication':
      return [
        ['Sent', when(textAt(resource, 'sent'))],
        ['By', textAt(resource, 'sender', 'display')],
        ['About', textAt(resource, 'topic', 'text')],
        ['Through', textAt(resource, 'medium', 0, 'text')],
        ['Message', textAt(resource, 'payload', 0, 'contentString')],
      ];
    case 'Task':
      return [
        ['Asked', when(textAt(resource, 'authoredOn'))],
        ['What is wrong', textAt(resource, 'description')],
        ...listAt(resource, 'input').map(
          (one): Line => [textAt(one, 'type', 'text') ?? '', textAt(one, 'valueString')],
        ),
        ['State', textAt(resource, 'businessStatus', 'text')],
        ['Ground', textAt(resource, 'statusReason', 'text')],
        ['To be answered by', when(textAt(resource, 'restriction', 'period', 'end'))],
        ...listAt(resource, 'note').map(
          (note): Line => [
            `${when(textAt(note, 'time')) ?? ''}, ${textAt(note, 'authorString') ?? ''}`,
            textAt(note, 'text'),
          ],
        ),
      ];
    case 'AuditEvent': {
      const action = listAt(resource, 'subtype')
        .map((one) => textAt(one, 'code'))
        .at(-1);
      const role = textAt(resource, 'agent', 0, 'role', 0, 'text');
      const who = textAt(resource, 'agent', 0, 'who', 'display') ?? '';
      return [
        [
          when(textAt(resource, 'recorded')) ?? '',
          `${who}${role === undefined ? '' : ` (${role})`} ${ACCESS_WORDS[kindOf(action ?? '')]}`,
        ],
      ];
    }
    default:
      return [['', JSON.stringify(resource)]];
  }
};

/**
 * A page to read and to print, whole in itself: no script, no picture, nothing from elsewhere. It ends with a sentence
 * that says so; one that was cut off does not have it.
 */
export async function* toPage(
  pages: AsyncIterable<RecordPage>,
  about: { readonly asOf: Date; readonly timeZone: string },
): AsyncGenerator<string> {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: about.timeZone,
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  const when = (instant: string | undefined) =>
    instant === undefined ? undefined : format.format(new Date(instant)).replaceAll('\u202f', ' ');
  yield `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Record</title><style>${STYLE}</style></head>\n<body>\n<h1>Your record</h1>\n<p>As of ${escaped(when(about.asOf.toISOString()) ?? '')}. Times are those of ${escaped(about.timeZone)}.</p>\n`;
  let section: Section | undefined;
  let last: string | undefined;
  for await (const page of pages) {
    let html = '';
    if (page.section !== section) html += `<h2>${escaped(TITLES[page.section])}</h2>\n`;
    section = page.section;
    for (const resource of page.resources) {
      const lines = linesOf(resource, when).flatMap(([label, value]) =>
        value === undefined ? [] : [`<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`],
      );
      const block = `<dl>${lines.join('')}</dl>\n`;
      // What somebody does again and again in a minute is told once.
      if (resource.resourceType === 'AuditEvent' && block === last) continue;
      last = block;
      html += block;
    }
    yield html;
  }
  yield '<p>This is the end of the record.</p>\n</body>\n</html>\n';
}
