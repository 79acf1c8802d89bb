import { describe, expect, it } from 'vitest';
import { isOfTime, NOTIFICATION_KINDS, type NotificationKind } from './model.ts';
import { type MessageFacts, messageOf } from './templates.ts';

const facts = (change: Partial<MessageFacts> = {}): MessageFacts => ({
  kind: 'booked',
  detail: 'time',
  organization: { name: 'Clinic', phone: '+1 212 555 0100' },
  providerName: 'Dr. Ada Doc',
  startsAt: new Date('2026-03-08T14:30:00Z'),
  expiresAt: undefined,
  timeZone: 'America/New_York',
  siteUrl: 'https://visits.example.org',
  ...change,
});
const offer = (kind: NotificationKind) => (kind === 'offer' ? new Date('2026-03-08T07:10:00Z') : undefined);

describe('messages', () => {
  it('tell the time in the receiver’s own zone and name it, on both sides of a clock change', () => {
    expect(messageOf(facts()).text).toContain(
      'Sunday, March 8, 2026 at 10:30 AM (Eastern Daylight Time, America/New_York)',
    );
    expect(messageOf(facts({ startsAt: new Date('2026-03-08T06:30:00Z') })).text).toContain(
      'Sunday, March 8, 2026 at 1:30 AM (Eastern Standard Time, America/New_York)',
    );
    expect(messageOf(facts({ timeZone: 'Asia/Kolkata' })).text).toContain(
      '8:00 PM (India Standard Time, Asia/Kolkata)',
    );
  });

  it.each(NOTIFICATION_KINDS.filter(isOfTime))(
    'SCH14 %s names the provider only where the organization lets it',
    (kind) => {
      const at = { kind, expiresAt: offer(kind) };
      expect(JSON.stringify(messageOf(facts({ ...at, detail: 'provider' })))).toContain('Dr. Ada Doc');
      expect(JSON.stringify(messageOf(facts({ ...at, detail: 'time' })))).not.toMatch(/Ada|Doc/);
    },
  );

  it.each(NOTIFICATION_KINDS.filter((kind) => kind !== 'emergency-opened'))(
    'SCH14 %s tells nothing at all where the organization wants that',
    (kind) => {
      const { subject, text } = messageOf(facts({ kind, detail: 'none', expiresAt: offer(kind) }));
      expect(subject).toBe('A message from Clinic');
      expect(text).toBe(
        'There is a message for you. Sign in to read it: https://visits.example.org or call +1 212 555 0100\n\nClinic\n',
      );
    },
  );

  it.each([
    [
      'correction-answered',
      'Clinic has answered your request',
      'An answer to your request is there.\n\nSign in to read it',
    ],
    [
      'correction-extended',
      'Clinic needs more time for your request',
      'The answer to your request takes longer than planned.\n\nSign in to read why, and when it will be there',
    ],
    [
      'correction-rebutted',
      'Clinic has replied to what you wrote',
      'A reply to what you wrote is there.\n\nSign in to read it',
    ],
  ] as const)('say what has become of a request, and not of which (%s)', (kind, subject, words) => {
    for (const detail of ['time', 'provider'] as const)
      expect(messageOf(facts({ kind, detail, providerName: undefined }))).toEqual({
        subject,
        text: `${words}: https://visits.example.org or call +1 212 555 0100\n\nClinic\n`,
      });
  });

  it.each(['none', 'time', 'provider'] as const)('lead those who keep watch to the trail (%s)', (detail) => {
    const { text } = messageOf(facts({ kind: 'emergency-opened', detail, providerName: undefined }));
    expect(text).toContain(': https://visits.example.org/audit\n\nClinic\n');
    expect(text).not.toMatch(/March|call/);
  });

  it('says until when an offer stands', () => {
    expect(messageOf(facts({ kind: 'offer', expiresAt: offer('offer') })).text).toMatch(
      /kept for you until Sunday, March 8, 2026 at 3:10 AM/,
    );
  });

  it('keeps a name with line breaks from writing headers', () => {
    const { subject } = messageOf(
      facts({ organization: { name: 'Clinic\r\nBcc: all@example.org', phone: undefined } }),
    );
    expect(subject).toBe('Your visit with Clinic Bcc: all@example.org is booked');
  });
});
