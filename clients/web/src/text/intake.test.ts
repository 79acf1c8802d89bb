import type { IntakeQuestion } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { given, unanswered } from './intake.ts';

const questions: IntakeQuestion[] = [
  { id: 'reason', kind: 'text', label: 'What brings you?', required: true },
  { id: 'fever', kind: 'yes-no', label: 'A fever?', required: true },
  { id: 'since', kind: 'choice', label: 'Since when?', required: false, options: ['today', 'longer'] },
];

test('a No is an answer, blanks are none, and what is optional is never missing', () => {
  expect(unanswered(questions, { reason: '  ', fever: false }).map(({ id }) => id)).toEqual(['reason']);
  expect(unanswered(questions, { reason: 'cough' }).map(({ id }) => id)).toEqual(['fever']);
});

test('only these questions are answered, without blanks', () => {
  expect(given(questions, { reason: ' cough ', fever: false, since: '', other: 'x' })).toEqual({
    reason: 'cough',
    fever: false,
  });
});
