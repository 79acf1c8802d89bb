import type { JoinSubject } from './join-runs.ts';
export const startBedsideSubject = async (): Promise<JoinSubject> => {
  throw new Error('x');
};
