import type { NewServiceClient, ServiceClient } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addMachine, fetchMachines, revokeMachine } from '../api/machines-api.ts';
import { useAct } from '../hooks/use-act.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useNow } from '../hooks/use-now.ts';
import { me } from '../session.ts';
import { namesOf } from '../text/booking.ts';
import { readMachineKey } from '../text/machine-key.ts';
import { dateWords, wallClock } from '../text/zoned.ts';
import { Dialog } from '../ui/dialog.tsx';
import { EndDialog } from '../ui/end-dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { isAdmin } from '../ui/staff-frame.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { ListPage } from './schedule/list-page.tsx';

/** What machines may be given. Core refuses whatever else is asked for. */
const ACTIONS: Readonly<Record<string, string>> = {
  'directory.read': 'see providers and visit types',
  'slots.read': 'see open times',
};
const wordsOf = (actions: readonly string[]): string => namesOf(actions.map((name) => ACTIONS[name] ?? name));

export const MachinesPage = (): JSX.Element => (isAdmin() ? <Machines /> : <NotFoundPage />);

/** Programs of other computers that ask Bedside for something on their own, each with a key of its own. */
const Machines = (): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const today = wallClock(useNow(60_000), zone).date;
  const { value, error, reload } = useLoaded(fetchMachines);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<ServiceClient>();
  const [done, setDone] = useState('');
  const finish = (words: string) => {
    setAdding(false);
    setEnding(undefined);
    setDone(words);
    reload();
  };
  const on = (instant: string): string => dateWords(wallClock(Date.parse(instant), zone).date, today);
  return (
    <ListPage
      title="Machines"
      about="Other computers that ask Bedside for something on their own. None is shown a patient."
      act={
        <button type="button" class="button button--primary" data-testid="machine-add" onClick={() => setAdding(true)}>
          Let a machine in
        </button>
      }
      done={done}
      list={{ items: value, error }}
      loading="Looking up the machines…"
      none="No machine is let in."
      item={(one) => (
        <li key={one.id} class="rule" data-testid="machine">
          <div>
            <p class="row">
              <strong>{one.label}</strong>
              <span class={`chip${one.revokedAt ? '' : ' chip--live'}`}>{one.revokedAt ? 'Shut out' : 'Let in'}</span>
            </p>
            <p>
              May {wordsOf(one.actions)}. Its <code>client_id</code> is <code>{one.id}</code>
            </p>
            <p class="soft small">
              from {on(one.createdAt)}
              {one.revokedAt && ` until ${on(one.revokedAt)}`}
            </p>
          </div>
          {!one.revokedAt && (
            <button
              type="button"
              class="button button--quiet"
              data-testid="machine-revoke"
              aria-label={`Shut out: ${one.label}`}
              onClick={() => setEnding(one)}
            >
              Shut out
            </button>
          )}
        </li>
      )}
    >
      {adding && <MachineDialog onClose={() => setAdding(false)} onDone={finish} />}
      {ending && <RevokeMachine machine={ending} onClose={() => setEnding(undefined)} onDone={finish} />}
    </ListPage>
  );
};

const RevokeMachine = (props: {
  machine: ServiceClient;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { id, label } = props.machine;
  const act = useAct();
  return (
    <EndDialog
      title="Shut this machine out now?"
      end="Shut it out"
      testId="machine-revoke-confirm"
      busy={act.busy}
      problem={act.error}
      onEnd={() =>
        void act.run(
          { id },
          () => revokeMachine(id),
          () => props.onDone(`${label} is shut out.`),
        )
      }
      onClose={props.onClose}
    >
      <p>Nothing is answered to {label} from now on. To let it in again, add it anew.</p>
    </EndDialog>
  );
};

const MachineDialog = (props: { onClose: () => void; onDone: (words: string) => void }): JSX.Element => {
  const [label, setLabel] = useState('');
  const [keyText, setKeyText] = useState('');
  const [actions, setActions] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState('');
  const act = useAct();
  const save = (event: Event) => {
    event.preventDefault();
    const read = readMachineKey(keyText);
    setProblem(read.problem ?? '');
    if (read.key === undefined) return;
    const request: NewServiceClient = { label, publicKey: read.key, actions: [...actions] };
    void act.run(request, addMachine, () => props.onDone(`${label} is let in.`));
  };
  return (
    <Dialog title="Let a machine in" wide onClose={props.onClose}>
      <form class="rule-form" data-testid="machine-form" onSubmit={save}>
        <Field label="Name" hint="What it is, and who looks after it.">
          <input
            class="input"
            required
            maxLength={100}
            value={label}
            data-testid="machine-label"
            onInput={(event) => setLabel(event.currentTarget.value)}
          />
        </Field>
        <Field
          label="Its public key"
          hint="As JWK, Ed25519 or P-256. The private key stays on that machine."
          error={problem}
        >
          <textarea
            class="input"
            required
            rows={5}
            maxLength={4_000}
            spellcheck={false}
            value={keyText}
            data-testid="machine-key"
            onInput={(event) => setKeyText(event.currentTarget.value)}
          />
        </Field>
        <fieldset class="plain-set">
          <legend class="field__label">It may</legend>
          {Object.entries(ACTIONS).map(([name, words]) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                checked={actions.includes(name)}
                data-testid={`machine-${name}`}
                onChange={(event) =>
                  setActions(event.currentTarget.checked ? [...actions, name] : actions.filter((one) => one !== name))
                }
              />
              <span>{words.charAt(0).toUpperCase() + words.slice(1)}</span>
            </label>
          ))}
        </fieldset>
        <FormEnd
          problem={act.error}
          send="Let it in"
          busy={act.busy}
          isReady={actions.length > 0}
          testId="machine-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
