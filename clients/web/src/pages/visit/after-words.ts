import type { VisitRole } from '@bedside/protocol';
import type { VisitEnd } from '@bedside/sdk';

/** What is said when somebody is out of the visit, for whatever reason but a refusal at the door. */
export const afterWords = (facts: {
  end: VisitEnd | undefined;
  role: VisitRole;
  provider: string;
}): { title: string; text: string; rejoin: string } => {
  const { end, role, provider } = facts;
  if (end?.kind === 'replaced') {
    return {
      title: 'You opened this visit somewhere else.',
      text: 'It goes on there, on the other device or in the other window. This page is no longer part of it.',
      rejoin: 'Continue here instead',
    };
  }
  if (end?.kind === 'ended') {
    if (role === 'provider')
      return { title: 'The visit is over.', text: 'It is in the record as finished.', rejoin: '' };
    if (end.reason === 'cancelled') {
      return {
        title: 'This visit was cancelled.',
        text: 'The clinic can tell you why, and you can book another time on your home page.',
        rejoin: '',
      };
    }
    return {
      title: 'Thank you for your visit.',
      text: `Your visit with ${provider} is over. If you agreed on a next step, it is on your home page or the clinic will call you.`,
      rejoin: '',
    };
  }
  return {
    title: 'You have left the visit.',
    text: 'If that was too soon, come back in while the visit goes on.',
    rejoin: 'Go back in',
  };
};
