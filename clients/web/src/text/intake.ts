import type { IntakeAnswers, IntakeQuestion } from '@bedside/protocol';

/** What core takes of a written answer. */
export const ANSWER_MAX = 2000;

/** Questions that still need an answer, in their order. */
export const unanswered = (questions: readonly IntakeQuestion[], answers: IntakeAnswers): IntakeQuestion[] =>
  questions.filter(({ id, required }) => {
    const answer = answers[id];
    return required && (answer === undefined || (typeof answer === 'string' && answer.trim() === ''));
  });

/** Answers to these questions and no others, without empty ones. */
export const given = (questions: readonly IntakeQuestion[], answers: IntakeAnswers): IntakeAnswers =>
  Object.fromEntries(
    questions.flatMap(({ id }): [string, string | boolean][] => {
      const answer = answers[id];
      const text = typeof answer === 'string' ? answer.trim() : answer;
      return text === undefined || text === '' ? [] : [[id, text]];
    }),
  );

/** What is wrong with an answer that is missing. */
export const missingWords = ({ kind }: IntakeQuestion): string =>
  kind === 'text' ? 'Please write a few words here.' : 'Please choose an answer.';
