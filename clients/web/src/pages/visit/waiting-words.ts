const MINUTE_MS = 60_000;

/** What the waiting room says. `lateMinutes`: how far the provider's earlier visits run over now. */
export const waitingWords = (facts: {
  provider: string;
  hostPresent: boolean;
  lateMinutes: number;
  startsAtMs: number;
  nowMs: number;
}): { title: string; text: string; late?: string } => {
  const { provider, hostPresent, lateMinutes, startsAtMs, nowMs } = facts;
  if (hostPresent) {
    return {
      title: `${provider} is here and will let you in.`,
      text: 'It should only take a moment.',
    };
  }
  const late =
    lateMinutes > 0
      ? `Earlier visits are taking longer today. ${provider} is running about ${lateMinutes} ${lateMinutes === 1 ? 'minute' : 'minutes'} late. Thank you for your patience.`
      : undefined;
  const text =
    nowMs < startsAtMs - MINUTE_MS
      ? 'You are in good time. We let you in when the visit begins.'
      : 'They know that you are waiting.';
  return { title: `${provider} has not arrived yet.`, text, ...(late && { late }) };
};
