const SENTENCES = new Map(
  Object.entries({
    sign_in_failed: 'Signing in did not work. Please try again.',
    account_unknown: 'This account is not known to the clinic yet. Ask the clinic to add you, then sign in again.',
    unavailable: 'The sign-in service does not answer at the moment. Please try again in a few minutes.',
    sign_in_required: 'You were signed out after a while without activity. Please sign in again.',
    choose: 'Choose where you have your account.',
    account_link_refused: 'Your sign-in cannot be matched with one person here. Please ask the clinic to connect it.',
    rate_limited: 'There were many attempts in a short time. Please wait a minute, then try again.',
  }),
);

/** What to tell somebody whose sign-in came back with `?sign-in=<code>`. Unknown codes get the general sentence. */
export const signInSentence = (code: string): string =>
  SENTENCES.get(code) ?? 'Signing in did not work. Please try again, or call your clinic.';
