import { AppError, type IntakeAnswers, type IntakeQuestion } from '@bedside/protocol';

/** What is wrong with an answer; never the answer itself. */
const complaintAbout = (question: IntakeQuestion, answer: IntakeAnswers[string] | undefined): string | undefined => {
  if (answer === undefined || answer === '') return question.required ? 'is required' : undefined;
  switch (question.kind) {
    case 'text':
      return typeof answer === 'string' ? undefined : 'must be a text';
    case 'yes-no':
      return typeof answer === 'boolean' ? undefined : 'must be true or false';
    case 'choice':
      return typeof answer === 'string' && question.options.includes(answer)
        ? undefined
        : 'must be one of the question’s options';
    default:
      return question satisfies never;
  }
};

/**
 * The answers to a visit type's questions, empty ones left out. Errors: `bad_request`, whose detail names the first
 * answer that does not fit.
 */
export const requireAnswers = (questions: readonly IntakeQuestion[], answers: IntakeAnswers): IntakeAnswers => {
  const known = new Set(questions.map(({ id }) => id));
  if (Object.keys(answers).some((id) => !known.has(id)))
    throw new AppError('bad_request', { detail: 'answers: name only questions of the visit type.' });
  const kept: IntakeAnswers = {};
  for (const question of questions) {
    const answer = Object.hasOwn(answers, question.id) ? answers[question.id] : undefined;
    const complaint = complaintAbout(question, answer);
    if (complaint !== undefined) throw new AppError('bad_request', { detail: `answers.${question.id}: ${complaint}.` });
    if (answer !== undefined && answer !== '') kept[question.id] = answer;
  }
  return kept;
};
