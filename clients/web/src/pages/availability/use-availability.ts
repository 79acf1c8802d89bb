import type { Availability, AvailabilityRule, PersonId } from '@bedside/protocol';
import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { fetchAvailability, saveAvailability } from '../../api/staff-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { noteSignedOut } from '../../session.ts';

export interface AvailabilityEdit {
  readonly rules?: (rules: readonly AvailabilityRule[]) => AvailabilityRule[];
  readonly timeZone?: string;
}

export interface AvailabilityState {
  readonly value: Availability | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
  readonly saving: boolean;
  /** Of the last change. After a `version_conflict` what somebody else saved is loaded. */
  readonly problem: ApiError | undefined;
  readonly forget: () => void;
  /** Changes what is there now and resolves to whether it was saved. */
  readonly change: (edit: AvailabilityEdit) => Promise<boolean>;
}

const isSame = (a: AvailabilityRule, b: AvailabilityRule): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/** `next` in the place of `old`; where `old` is no longer there, or there was none, at the end. */
export const replaceRule = (
  rules: readonly AvailabilityRule[],
  old: AvailabilityRule | undefined,
  next: AvailabilityRule | undefined,
): AvailabilityRule[] => {
  const index = old ? rules.findIndex((rule) => isSame(rule, old)) : -1;
  const fresh = next ? [next] : [];
  return index === -1 ? [...rules, ...fresh] : [...rules.slice(0, index), ...fresh, ...rules.slice(index + 1)];
};

export const useAvailability = (providerId: PersonId): AvailabilityState => {
  const { value, error, reload } = useLoaded(() => fetchAvailability(providerId), providerId);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const change = async ({ rules, timeZone }: AvailabilityEdit): Promise<boolean> => {
    if (!value || saving) return false;
    setSaving(true);
    setProblem(undefined);
    try {
      await saveAvailability(providerId, {
        timeZone: timeZone ?? value.timeZone,
        version: value.version,
        rules: rules ? rules(value.rules) : value.rules,
      });
      reload();
      return true;
    } catch (cause) {
      const failure = apiErrorOf(cause);
      if (!noteSignedOut(failure)) setProblem(failure);
      if (failure.code === 'version_conflict') reload();
      return false;
    } finally {
      setSaving(false);
    }
  };
  return { value, error, reload, saving, problem, forget: () => setProblem(undefined), change };
};
