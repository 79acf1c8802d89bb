import { AVAILABILITY_RULES_MAX, type AvailabilityRule, type VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { SaveProblem } from '../../ui/save-problem.tsx';
import { RuleDialog } from './rule-dialog.tsx';
import { isPast, ruleDetails, ruleSentence } from './rule-words.ts';
import { type AvailabilityState, replaceRule } from './use-availability.ts';

const WORDS = {
  open: { title: 'Open for visits', none: 'No hours are open: nobody can book.', add: 'Add hours' },
  block: { title: 'Blocked time', none: 'Nothing is blocked.', add: 'Block time' },
} as const;

type Asked = { readonly act: 'write'; readonly rule?: AvailabilityRule } | { act: 'remove'; rule: AvailabilityRule };

/** The rules of one kind in plain words, each to be changed or removed. */
export const RulesSection = (props: {
  kind: AvailabilityRule['kind'];
  availability: AvailabilityState;
  rules: readonly AvailabilityRule[];
  visitTypes: readonly VisitType[];
  today: string;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { kind, availability, today } = props;
  const words = WORDS[kind];
  const [asked, setAsked] = useState<Asked>();
  const ask = (next: Asked | undefined) => {
    availability.forget();
    setAsked(next);
  };
  const rules = props.rules.filter((rule) => rule.kind === kind);
  const current = rules.filter((rule) => !isPast(rule, today));
  const past = rules.filter((rule) => isPast(rule, today));
  const nameOfType = (id: string) => props.visitTypes.find((type) => type.id === id)?.name;
  const item = (rule: AvailabilityRule): JSX.Element => (
    <li key={JSON.stringify(rule)} class="rule" data-testid={`rule-${kind}`}>
      <div>
        <p>
          <strong>{ruleSentence(rule, today)}</strong>
        </p>
        {rule.label && <p class="small">{rule.label}</p>}
        {ruleDetails(rule, { today, nameOfType }).map((detail) => (
          <p key={detail} class="soft small">
            {detail}
          </p>
        ))}
      </div>
      <div class="rule__acts">
        <button
          type="button"
          class="button button--quiet"
          data-testid="rule-edit"
          aria-label={`Change ${ruleSentence(rule, today)}`}
          onClick={() => ask({ act: 'write', rule })}
        >
          Change
        </button>
        <button
          type="button"
          class="button button--quiet"
          data-testid="rule-remove"
          aria-label={`Remove ${ruleSentence(rule, today)}`}
          onClick={() => ask({ act: 'remove', rule })}
        >
          Remove
        </button>
      </div>
    </li>
  );
  return (
    <section class="stack" aria-labelledby={`rules-${kind}`}>
      <h2 id={`rules-${kind}`}>{words.title}</h2>
      {current.length === 0 && <p class="soft">{words.none}</p>}
      <ul class="rules">{current.map(item)}</ul>
      {past.length > 0 && (
        <details class="advanced">
          <summary>{past.length === 1 ? 'One that is over' : `${past.length} that are over`}</summary>
          <ul class="rules">{past.map(item)}</ul>
        </details>
      )}
      <p>
        <button
          type="button"
          class={`button ${kind === 'open' ? 'button--primary' : 'button--secondary'}`}
          data-testid={`add-${kind}`}
          disabled={props.rules.length >= AVAILABILITY_RULES_MAX}
          onClick={() => ask({ act: 'write' })}
        >
          {words.add}
        </button>
      </p>
      {asked?.act === 'write' && (
        <RuleDialog
          kind={kind}
          rule={asked.rule}
          today={today}
          visitTypes={props.visitTypes}
          availability={availability}
          onClose={() => ask(undefined)}
          onSaved={(sentence) => {
            ask(undefined);
            props.onDone(sentence);
          }}
        />
      )}
      {asked?.act === 'remove' && (
        <RemoveDialog
          rule={asked.rule}
          today={today}
          availability={availability}
          onClose={() => ask(undefined)}
          onRemoved={(sentence) => {
            ask(undefined);
            props.onDone(sentence);
          }}
        />
      )}
    </section>
  );
};

const RemoveDialog = (props: {
  rule: AvailabilityRule;
  today: string;
  availability: AvailabilityState;
  onClose: () => void;
  onRemoved: (words: string) => void;
}): JSX.Element => {
  const { rule, today, availability, onClose } = props;
  const sentence = ruleSentence(rule, today);
  const remove = async () => {
    const saved = await availability.change({
      rules: (rules) => replaceRule(rules, rule, undefined),
    });
    if (saved) props.onRemoved(`Removed: ${sentence}.`);
  };
  return (
    <Dialog
      title={rule.kind === 'open' ? 'Remove these hours?' : 'Remove this block?'}
      onClose={onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--danger"
            data-testid="rule-remove-confirm"
            disabled={availability.saving}
            onClick={() => void remove()}
          >
            Remove
          </button>
          <button type="button" class="button button--secondary" onClick={onClose}>
            Keep
          </button>
        </>
      }
    >
      <p>{sentence}</p>
      <p class="soft">Visits that are booked stay booked.</p>
      <SaveProblem problem={availability.problem} />
    </Dialog>
  );
};
