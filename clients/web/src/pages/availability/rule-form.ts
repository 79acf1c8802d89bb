/** What the form about hours holds, to and from a rule. Pure. */
import type { AvailabilityRule, VisitTypeId } from '@bedside/protocol';
import { firstDay, type Repeat, repeatOf, rruleOf } from './recurrence.ts';

export interface RuleForm {
  readonly kind: AvailabilityRule['kind'];
  readonly repeats: Repeat['kind'];
  readonly weekdays: readonly number[];
  readonly everyWeeks: number;
  readonly startsOn: string;
  /** Empty: no end. */
  readonly until: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly rrule: string;
  readonly exdates: readonly string[];
  readonly rdates: readonly string[];
  readonly effectiveFrom: string;
  readonly effectiveTo: string;
  readonly visitTypeIds: readonly VisitTypeId[];
  readonly location: string;
  readonly label: string;
  readonly worksOnHolidays: boolean;
}

export const newForm = (kind: RuleForm['kind'], today: string): RuleForm => ({
  kind,
  repeats: 'weekly',
  weekdays: kind === 'open' ? [0, 1, 2, 3, 4] : [],
  everyWeeks: 1,
  startsOn: today,
  until: '',
  startsAt: kind === 'open' ? '09:00' : '12:00',
  endsAt: kind === 'open' ? '17:00' : '13:00',
  rrule: '',
  exdates: [],
  rdates: [],
  effectiveFrom: '',
  effectiveTo: '',
  visitTypeIds: [],
  location: '',
  label: kind === 'open' ? '' : 'Charting',
  worksOnHolidays: false,
});

export const formOf = (rule: AvailabilityRule): RuleForm => {
  const repeat = repeatOf(rule);
  const weekly = repeat.kind === 'weekly' ? repeat : { weekdays: [], everyWeeks: 1, until: undefined };
  return {
    kind: rule.kind,
    repeats: repeat.kind,
    weekdays: weekly.weekdays,
    everyWeeks: weekly.everyWeeks,
    startsOn: rule.startsOn,
    until: weekly.until ?? '',
    startsAt: rule.startsAt,
    endsAt: rule.endsAt,
    rrule: rule.rrule ?? '',
    exdates: rule.exdates,
    rdates: rule.rdates,
    effectiveFrom: rule.effectiveFrom ?? '',
    effectiveTo: rule.effectiveTo ?? '',
    visitTypeIds: rule.visitTypeIds,
    location: rule.location ?? '',
    label: rule.label,
    worksOnHolidays: rule.worksOnHolidays,
  };
};

const repeatIn = (form: RuleForm): Repeat => {
  if (form.repeats === 'once') return { kind: 'once' };
  if (form.repeats === 'other') return { kind: 'other', rrule: form.rrule.trim() };
  const weekdays = [...form.weekdays].sort();
  return { kind: 'weekly', weekdays, everyWeeks: form.everyWeeks, ...(form.until && { until: form.until }) };
};

export const ruleOf = (form: RuleForm): AvailabilityRule => {
  const repeat = repeatIn(form);
  const rrule = rruleOf(repeat);
  const location = form.location.trim();
  return {
    kind: form.kind,
    label: form.label.trim(),
    startsOn: firstDay(repeat, form.startsOn),
    // The end of a day is 24:00 to the rules and midnight to a clock.
    startsAt: form.startsAt,
    endsAt: form.endsAt === '00:00' ? '24:00' : form.endsAt,
    ...(rrule !== undefined && { rrule }),
    exdates: [...form.exdates].sort(),
    rdates: [...form.rdates].sort(),
    ...(form.effectiveFrom && { effectiveFrom: form.effectiveFrom }),
    ...(form.effectiveTo && { effectiveTo: form.effectiveTo }),
    visitTypeIds: [...form.visitTypeIds],
    ...(location && { location }),
    worksOnHolidays: form.worksOnHolidays,
  };
};

/** The first thing that is missing or cannot be, in words; nothing where the form can be sent. */
export const problemOf = (form: RuleForm): string | undefined => {
  if (form.repeats === 'weekly' && form.weekdays.length === 0) return 'Choose at least one day of the week.';
  if (form.repeats === 'other' && form.rrule.trim() === '') return 'Write the rule, or choose another way to repeat.';
  if (!(form.startsOn && form.startsAt && form.endsAt)) return 'Fill in the date and both times.';
  if (form.startsAt === form.endsAt) return 'The end has to differ from the start.';
  if (form.until && form.until < form.startsOn) return 'The last day lies before the first.';
  if (form.effectiveFrom && form.effectiveTo && form.effectiveTo < form.effectiveFrom) {
    return 'What is in force ends before it begins.';
  }
  return undefined;
};
