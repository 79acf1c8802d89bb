/** A fresh proof of who somebody is, where core wants one: one question at a time, whoever asks. */
import type { StepUpWays } from '@bedside/protocol';
import { signal } from '@preact/signals';
import { setProve } from './api/http.ts';

interface Asked {
  readonly ways: StepUpWays;
  /** With whether the proof was given. */
  readonly answer: (proven: boolean) => void;
}

/** What the dialog shows; nothing most of the time. */
export const stepUpAsked = signal<Asked | undefined>(undefined);
let pending: Promise<boolean> | undefined;

setProve((ways) => {
  pending ??= new Promise<boolean>((resolve) => {
    stepUpAsked.value = {
      ways,
      answer: (proven) => {
        pending = undefined;
        stepUpAsked.value = undefined;
        resolve(proven);
      },
    };
  });
  return pending;
});
