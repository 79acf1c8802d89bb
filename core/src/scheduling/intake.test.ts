import type { IntakeQuestion } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { requireAnswers } from './intake.ts';

const questions: IntakeQuestion[] = [
  { id: 'reason', label: 'What brings you here?', required: true, kind: 'text' },
  { id: 'fever', label: 'Do you have a fever?', required: false, kind: 'yes-no' },
  { id: 'side', label: 'Which side?', required: false, kind: 'choice', options: ['left', 'right'] },
];

describe('intake answers', () => {
  it('are kept where they answer a question, and empty ones are none', () => {
    expect(requireAnswers(questions, { reason: 'a cough', fever: false, side: '' })).toEqual({
      reason: 'a cough',
      fever: false,
    });
  });

  it.each([
    [{}, 'answers.reason: is required.'],
    [{ reason: '' }, 'answers.reason: is required.'],
    [{ reason: true }, 'answers.reason: must be a text.'],
    [{ reason: 'x', fever: 'secret' }, 'answers.fever: must be true or false.'],
    [{ reason: 'x', side: 'secret' }, 'answers.side: must be one of the question’s options.'],
    [{ reason: 'x', secret: 'y' }, 'answers: name only questions of the visit type.'],
  ])('are refused by the name of the question: %j', (answers, detail) => {
    expect(() => requireAnswers(questions, answers)).toThrow(expect.objectContaining({ code: 'bad_request', detail }));
  });

  it('are not taken from the prototype', () => {
    const [question] = questions;
    if (question === undefined) throw new Error('no question');
    expect(() => requireAnswers([{ ...question, id: 'constructor' }], {})).toThrow(/is required/);
  });
});
