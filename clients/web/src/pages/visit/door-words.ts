import { sentenceFor, type VisitErrorCode } from '@bedside/sdk';

/** Why a visit cannot be entered. */
export type DoorReason = VisitErrorCode | 'unreachable';

export interface DoorWords {
  title: string;
  text: string;
}

const WORDS: Partial<Record<DoorReason, DoorWords>> = {
  not_found: {
    title: 'This link does not lead to a visit of yours.',
    text: 'It may belong to somebody else, or you may be signed in with another account than the one it was sent to.',
  },
  visit_too_early: { title: 'You are early.', text: 'This visit cannot be entered yet.' },
  visit_over: { title: 'This visit is over.', text: 'Thank you for coming. Your other visits are on your home page.' },
  unreachable: {
    title: 'We cannot reach the clinic’s server.',
    text: 'Check your connection. Your appointment is safe, and this page keeps trying.',
  },
  browser_unsupported: {
    title: 'This browser cannot make video calls.',
    text: 'Open the visit in a current Chrome, Edge, Firefox or Safari. On a phone, use the browser it came with.',
  },
  page_insecure: {
    title: 'This page is not secure.',
    text: 'Browsers give camera and sound to secure pages only. Open the address with https at its beginning.',
  },
};

/** What to say at a visit's door. */
export const doorWords = (reason: DoorReason): DoorWords =>
  WORDS[reason] ?? {
    title: 'This visit cannot be opened.',
    text: reason === 'unreachable' ? '' : sentenceFor(reason),
  };
