/**
 * Something whoever runs the process can put right. The message is one or more plain sentences that say what is wrong
 * and what to do, and holds neither a secret nor anything of a patient; a stack would tell that person nothing.
 */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}
