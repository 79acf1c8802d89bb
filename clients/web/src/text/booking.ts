import type { Appointment, VisitType } from '@bedside/protocol';
import { dayAndTime } from './time.ts';

type Kind = Pick<VisitType, 'durationMinutes' | 'modality' | 'seats'>;

const MODALITY_WORDS: Record<VisitType['modality'], string> = {
  video: 'by video',
  audio: 'by sound only',
  chat: 'in writing',
};

/** "20 minutes, by video", "60 minutes, by video, in a group of up to 8". */
export const visitTypeWords = ({ durationMinutes, modality, seats }: Kind): string =>
  [`${durationMinutes} minutes`, MODALITY_WORDS[modality], ...(seats > 1 ? [`in a group of up to ${seats}`] : [])].join(
    ', ',
  );

/** "3 seats left" */
export const seatsWords = (seatsLeft: number): string => (seatsLeft === 1 ? '1 seat left' : `${seatsLeft} seats left`);

/** "today at 9:00 AM" of "Today at 9:00 AM"; names of weekdays and months stay as they are. */
export const midSentence = (words: string): string =>
  words.replace(/^(Today|Tomorrow|Yesterday)/, (day) => day.toLowerCase());

/** Until when the patient can change a visit without calling, and what to do after that. */
export const changeWords = (
  visit: Pick<Appointment, 'changeableUntil' | 'group'>,
  nowMs: number,
  timeZone: string,
): { words: string; mustCall: boolean } => {
  const verb = visit.group ? 'give the seat back' : 'move or cancel it';
  if (Date.parse(visit.changeableUntil) <= nowMs) {
    return { words: `It is too close to ${verb} here. Please call the clinic if you cannot come.`, mustCall: true };
  }
  const until = midSentence(dayAndTime(visit.changeableUntil, nowMs, timeZone));
  return { words: `You can ${verb} here until ${until}. Later, please call the clinic.`, mustCall: false };
};

const NAMES = new Intl.ListFormat('en-US');

/** "Dr. Amara Okafor and Mei Tan, NP" */
export const namesOf = (names: readonly string[]): string => NAMES.format(names);
