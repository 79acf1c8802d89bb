import { CorrectionAct, CorrectionStatus } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { type CorrectionState, correctionStep, isOverdue, requestedAt } from './correction-model.ts';

const periods = { answerDays: 60, extensionDays: 30 };
const now = new Date('2026-03-02T09:00:00Z');
const requested = requestedAt(now, periods);
const step = (state: CorrectionState, act: CorrectionAct, at = now) => correctionStep(state, act, { now: at, periods });

describe('a request for correction', () => {
  it('takes these steps and no others', () => {
    const steps = CorrectionStatus.options.flatMap((status) =>
      CorrectionAct.options.flatMap((act) => {
        const after = step({ ...requested, status }, act);
        return after.kind === 'changed' ? [`${status} ${act} ${after.state.status}`] : [];
      }),
    );
    expect(steps).toEqual([
      'requested extend requested',
      'requested withdraw withdrawn',
      'requested accept accepted',
      'requested deny denied',
      'denied disagree disagreed',
      'disagreed rebut rebutted',
    ]);
  });

  it('RGT3 is due after 60 days, and put off once, before that, by 30', () => {
    expect(requested.dueAt.toISOString()).toBe('2026-05-01T09:00:00.000Z');
    const later = step(requested, 'extend');
    if (later.kind !== 'changed') throw new Error('refused');
    expect(later.state).toMatchObject({ extended: true, dueAt: new Date('2026-05-31T09:00:00Z') });
    expect(step(later.state, 'extend')).toMatchObject({ kind: 'refused' });
    expect(step(requested, 'extend', requested.dueAt)).toMatchObject({ kind: 'refused' });
  });

  it('is overdue until it is answered, and can be answered late', () => {
    const late = new Date(requested.dueAt.getTime() + 1);
    expect([isOverdue(requested, requested.dueAt), isOverdue(requested, late)]).toEqual([false, true]);
    const denied = step(requested, 'deny', late);
    expect(denied.kind === 'changed' && isOverdue(denied.state, late)).toBe(false);
  });
});
