import type { CorrectionAct, CorrectionStatus, ErrorCode } from '@bedside/protocol';

const DAY_MS = 24 * 60 * 60_000;

/** How long an organization may take (45 CFR 164.526(b)(2): 60 days, put off once by 30; a state may allow less). */
export interface CorrectionPeriods {
  readonly answerDays: number;
  readonly extensionDays: number;
}

/** What each act makes of a request; what is not listed is refused. */
const TRANSITIONS: Readonly<Record<CorrectionStatus, Partial<Record<CorrectionAct, CorrectionStatus>>>> = {
  requested: { extend: 'requested', withdraw: 'withdrawn', accept: 'accepted', deny: 'denied' },
  withdrawn: {},
  accepted: {},
  denied: { disagree: 'disagreed' },
  disagreed: { rebut: 'rebutted' },
  rebutted: {},
};

export interface CorrectionState {
  readonly status: CorrectionStatus;
  readonly dueAt: Date;
  readonly extended: boolean;
}

export type CorrectionStep =
  | { readonly kind: 'changed'; readonly state: CorrectionState }
  | { readonly kind: 'refused'; readonly code: Extract<ErrorCode, 'transition_refused'>; readonly detail?: string };

const refused = (detail?: string): CorrectionStep => ({
  kind: 'refused',
  code: 'transition_refused',
  ...(detail === undefined ? {} : { detail }),
});

export const requestedAt = (now: Date, periods: CorrectionPeriods): CorrectionState => ({
  status: 'requested',
  dueAt: new Date(now.getTime() + periods.answerDays * DAY_MS),
  extended: false,
});

/** A request that is late can still be answered, and cannot be put off any more. */
export const correctionStep = (
  state: CorrectionState,
  act: CorrectionAct,
  at: { readonly now: Date; readonly periods: CorrectionPeriods },
): CorrectionStep => {
  const status = TRANSITIONS[state.status][act];
  if (status === undefined) return refused();
  if (act !== 'extend') return { kind: 'changed', state: { ...state, status } };
  if (state.extended) return refused('It was put off once already.');
  if (at.now >= state.dueAt) return refused('It was due already.');
  const dueAt = new Date(state.dueAt.getTime() + at.periods.extensionDays * DAY_MS);
  return { kind: 'changed', state: { status, dueAt, extended: true } };
};

export const isOverdue = (state: Pick<CorrectionState, 'status' | 'dueAt'>, now: Date): boolean =>
  state.status === 'requested' && now > state.dueAt;
